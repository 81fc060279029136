import type * as Cbor from '@smithy/core/cbor';
import { gunzipSync } from 'node:zlib';
import { ServiceError } from '../../engine';
import { jsonProtocol, targetOf } from '../json-protocol';
import type { Input, Output, Protocol, WireRequest } from '../protocol';
import { isInput } from '../protocol';
import { wrappedInput } from '../query-decoder';
import { wrapped } from '../query-output';
import { queryProtocol } from '../query-protocol';

export const TARGET = 'GraniteServiceVersion20100801';
export const VERSION = '2010-08-01';
const SHAPES = 'com.amazonaws.cloudwatch.v2010_08_01';
const CBOR_PATH = new RegExp(`^/service/${TARGET}/operation/(\\w+)$`);
/** More than any request may have, so that a small one does not grow without end. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Codes of the Query protocol whose shapes have other names. */
const SHAPE_NAMES: Readonly<Record<string, string>> = {
  InvalidFormat: 'InvalidFormatFault',
  InvalidParameterCombination: 'InvalidParameterCombinationException',
  InvalidParameterValue: 'InvalidParameterValueException',
  LimitExceeded: 'LimitExceededFault',
  MissingParameter: 'MissingRequiredParameterException',
  ValidationError: 'ValidationException',
};
const WITHOUT_RESULT = new Set([
  'DeleteAlarms',
  'DisableAlarmActions',
  'EnableAlarmActions',
  'PutMetricAlarm',
  'PutMetricData',
  'SetAlarmState',
]);

const shaped = (error: ServiceError) =>
  new ServiceError(SHAPE_NAMES[error.code] ?? error.code, error.message, error.status);
const queryCode = (shape: string) =>
  Object.entries(SHAPE_NAMES).find(([, name]) => name === shape)?.[0] ?? shape;

const json = jsonProtocol({
  version: '1.0',
  target: TARGET,
  errorNamespace: SHAPES,
  queryErrorCode: queryCode,
});

const plainJson: Protocol = {
  decode: (request) => json.decode(unzipped(request)),
  result: (operation, output, requestId) =>
    json.result(
      operation,
      mapped(output, (date) => date.getTime() / 1000),
      requestId,
    ),
  error: (error, requestId) => json.error(shaped(error), requestId),
};

const query = queryProtocol({
  namespace: `http://monitoring.amazonaws.com/doc/${VERSION}/`,
  input: wrappedInput,
  output: (output) => wrapped(mapped(output, (date) => date.toISOString())),
  withoutResult: WITHOUT_RESULT,
  errorCode: (code) => (code === 'UnknownOperationException' ? 'InvalidAction' : code),
});

const plainQuery: Protocol = { ...query, decode: (request) => query.decode(unzipped(request)) };

/** https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html */
const cbor: Protocol = {
  decode(request) {
    const operation = CBOR_PATH.exec(request.path)?.[1] ?? '';
    const { body } = unzipped(request);
    return { operation, input: body.length === 0 ? {} : decodeCbor(body) };
  },
  result: (_operation, output) => ({ status: 200, headers: CBOR_HEADERS, body: encodeCbor(output) }),
  error(error) {
    const { code, message, status } = shaped(error);
    const fault = status >= 500 ? 'Receiver' : 'Sender';
    const headers = { ...CBOR_HEADERS, 'x-amzn-query-error': `${queryCode(code)};${fault}` };
    return { status, headers, body: encodeCbor({ __type: `${SHAPES}#${code}`, message }) };
  },
};

const CBOR_HEADERS = { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' };

/** SDKs speak three protocols to CloudWatch: JSON today, CBOR some, Query the older ones. */
export function protocolOf(request: WireRequest): Protocol {
  if (CBOR_PATH.test(request.path)) return cbor;
  return request.headers['x-amz-target'] === undefined ? plainQuery : plainJson;
}

/** Whether a request without credentials is for CloudWatch by a protocol other than Query. */
export function isMonitoringRequest(request: WireRequest): boolean {
  return targetOf(request, TARGET) !== undefined || CBOR_PATH.test(request.path);
}

/** SDKs compress what PutMetricData sends. */
function unzipped(request: WireRequest): WireRequest {
  if (request.headers['content-encoding'] !== 'gzip') return request;
  try {
    return { ...request, body: gunzipSync(request.body, { maxOutputLength: MAX_BODY_BYTES }) };
  } catch {
    throw new ServiceError('SerializationException', 'The body of the request cannot be decompressed.');
  }
}

/** With dates in the protocol's own form, and without what is undefined. */
function mapped(output: Output, dateOf: (date: Date) => unknown): Output {
  const map = (value: unknown): unknown => {
    if (value instanceof Date) return dateOf(value);
    if (Array.isArray(value)) return value.map(map);
    if (!isInput(value)) return value;
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    return Object.fromEntries(entries.map(([name, item]) => [name, map(item)]));
  };
  return map(output) as Output;
}

/** Few programs speak it: its codec is loaded for the first of them. */
function codec(): typeof Cbor {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded lazily
  return require('@smithy/core/cbor') as typeof Cbor;
}

function decodeCbor(body: Buffer): Input {
  try {
    const decoded: unknown = withDates(codec().cbor.deserialize(body));
    if (isInput(decoded)) return decoded;
  } catch {
    // Reported below, like what is no map.
  }
  throw new ServiceError('SerializationException', 'The body of the request is not a CBOR map.');
}

/** Tag 1 is a moment, in seconds since the epoch. */
function withDates(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withDates);
  if (!isInput(value)) return value;
  if (value.tag === 1 && typeof value.value === 'number') return new Date(value.value * 1000);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withDates(item)]));
}

function encodeCbor(output: Output): Buffer {
  const { cbor: encoder, dateToTag } = codec();
  return Buffer.from(encoder.serialize(mapped(output, dateToTag)));
}
