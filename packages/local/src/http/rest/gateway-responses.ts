import type { HttpAnswer } from '../config';
import type { ApiRequest } from '../request';
import type { GatewayResponse } from './config';

interface Usual {
  readonly status: number;
  readonly message: string;
  /** Sent as `x-amzn-errortype`. */
  readonly errorType: string;
}

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html */
const USUAL = {
  ACCESS_DENIED: usual(403, 'User is not authorized to access this resource', 'AccessDeniedException'),
  API_CONFIGURATION_ERROR: usual(500, 'Internal server error', 'InternalServerErrorException'),
  AUTHORIZER_CONFIGURATION_ERROR: usual(500, '', 'AuthorizerConfigurationException'),
  AUTHORIZER_FAILURE: usual(500, '', 'AuthorizerConfigurationException'),
  BAD_REQUEST_PARAMETERS: usual(400, 'Bad Request', 'BadRequestException'),
  INTEGRATION_FAILURE: usual(502, 'Internal server error', 'InternalServerErrorException'),
  INTEGRATION_TIMEOUT: usual(504, 'Endpoint request timed out', 'InternalServerErrorException'),
  INVALID_API_KEY: usual(403, 'Forbidden', 'ForbiddenException'),
  INVALID_SIGNATURE: usual(403, 'Forbidden', 'InvalidSignatureException'),
  MISSING_AUTHENTICATION_TOKEN: usual(
    403,
    'Missing Authentication Token',
    'MissingAuthenticationTokenException',
  ),
  QUOTA_EXCEEDED: usual(429, 'Limit Exceeded', 'LimitExceededException'),
  REQUEST_TOO_LARGE: usual(413, 'Request Too Long', 'RequestTooLargeException'),
  THROTTLED: usual(429, 'Too Many Requests', 'TooManyRequestsException'),
  UNAUTHORIZED: usual(401, 'Unauthorized', 'UnauthorizedException'),
  /** A stage that does not exist. */
  FORBIDDEN: usual(403, 'Forbidden', 'ForbiddenException'),
} as const;

export type ResponseType = keyof typeof USUAL;

function usual(status: number, message: string, errorType: string): Usual {
  return { status, message, errorType };
}

/** The answer that a REST API itself gives, as its stack changes it. */
export function restGatewayAnswer(
  type: ResponseType,
  changes: Readonly<Record<string, GatewayResponse>>,
  request?: ApiRequest,
  message?: string,
): HttpAnswer {
  const { status, message: usualMessage, errorType } = USUAL[type];
  const text = message ?? usualMessage;
  const own = changes[type];
  const change = own ?? changes[status < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX'];
  const template = change?.templates['application/json'] ?? Object.values(change?.templates ?? {})[0];
  const contentType =
    change?.templates['application/json'] === undefined && template !== undefined
      ? Object.keys(change!.templates)[0]!
      : 'application/json';
  return {
    status: change?.status ?? status,
    headers: {
      'content-type': contentType,
      'x-amzn-errortype': errorType,
      ...headersOf(change),
    },
    body: template === undefined ? usualBody(type, text) : rendered(template, type, text, request),
  };
}

/** Refusals by policies spell the member in another way than everything else. */
function usualBody(type: ResponseType, text: string): string {
  const name = type === 'ACCESS_DENIED' ? 'Message' : 'message';
  return JSON.stringify({ [name]: text === '' ? null : text });
}

function rendered(template: string, type: string, text: string, request: ApiRequest | undefined): string {
  const values: Readonly<Record<string, string>> = {
    'error.message': text,
    'error.messageString': JSON.stringify(text),
    'error.responseType': type,
    requestId: request?.requestId ?? '',
    httpMethod: request?.method ?? '',
    path: request?.fullPath ?? '',
  };
  return template.replace(/\$context\.([A-Za-z]+(?:\.[A-Za-z]+)*)/g, (_, name: string) => values[name] ?? '');
}

function headersOf(change: GatewayResponse | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(change?.parameters ?? {}).flatMap(([target, value]) => {
      const name = /^gatewayresponse\.header\.(.+)$/.exec(target)?.[1];
      const literal = /^'(.*)'$/.exec(value)?.[1];
      return name === undefined || literal === undefined ? [] : [[name.toLowerCase(), literal]];
    }),
  );
}
