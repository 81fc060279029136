import { ServiceError } from '../../engine';
import type { Kinesis } from '../../kinesis';
import { constraint, invalidArgument } from '../../kinesis/errors';
import type { Stream } from '../../kinesis/stream';
import type { Call, Input, Operation, Output, WireContext } from '../protocol';

const NAME = /^[a-zA-Z0-9_.-]{1,128}$/;

/** @throws ServiceError */
export async function kinesisOf({ context }: Call): Promise<Kinesis> {
  if (context.kinesis) return context.kinesis.get();
  throw new ServiceError('UnknownOperationException', 'Kinesis is not hosted by this endpoint.');
}

/** The stream that a call names, by its name or its ARN. @throws ServiceError ResourceNotFoundException, ValidationException */
export function streamOf(kinesis: Kinesis, input: Input): Stream {
  return kinesis.get(streamName(input));
}

/** @throws ServiceError ValidationException, InvalidArgumentException */
export function streamName(input: Input): string {
  const { StreamName: name, StreamARN: arn } = input;
  if (name === undefined && arn === undefined) {
    throw invalidArgument('StreamARN or StreamName is required.');
  }
  const given = name ?? String(arn).split(':stream/')[1]?.split('/')[0];
  if (typeof given === 'string' && NAME.test(given)) return given;
  const rule = 'Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+';
  throw name === undefined ? constraint('streamARN', arn, rule) : constraint('streamName', given, rule);
}

/** @throws ServiceError ValidationException */
export function requiredText(input: Input, name: string): string {
  const value = input[name];
  if (typeof value === 'string' && value !== '') return value;
  throw constraint(memberName(name), value === undefined ? 'null' : value, 'Member must not be null');
}

/** A whole number within limits. @throws ServiceError ValidationException */
export function limited(input: Input, name: string, most: number, fallback: number, least = 1): number {
  const value = input[name] ?? fallback;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw constraint(memberName(name), value, `Member must have value from ${least} to ${most}`);
}

/** @throws ServiceError ValidationException */
export function tagsOf(value: unknown): Record<string, string> {
  const isMap =
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((each) => typeof each === 'string');
  if (isMap) return { ...(value as Record<string, string>) };
  throw constraint('tags', JSON.stringify(value), 'Member must be a map of texts');
}

/** An operation on the stream that its input names. */
export function onStream(
  run: (input: Input, stream: Stream, kinesis: Kinesis) => Output | Promise<Output>,
): Operation {
  return {
    resource: namedStreamArn,
    run: async (input, call) => {
      const kinesis = await kinesisOf(call);
      return run(input, streamOf(kinesis, input), kinesis);
    },
  };
}

/** For permissions: the ARN of the stream that is named, * where none is. */
export function namedStreamArn({ StreamName, StreamARN }: Input, { broker }: WireContext): string {
  if (typeof StreamARN === 'string') return StreamARN.split('/consumer/')[0]!;
  const { region, accountId } = broker.locale;
  return typeof StreamName === 'string' ? `arn:aws:kinesis:${region}:${accountId}:stream/${StreamName}` : '*';
}

function memberName(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
