import { invalidParameter } from '../errors';

export type SubscriptionProtocol = 'sqs' | 'lambda' | 'http' | 'https' | 'email' | 'email-json' | 'sms';

const QUEUE = /^arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+(\.fifo)?$/;
const FUNCTION = /^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+(:[A-Za-z0-9_$-]+)?$/;
const ADDRESS = /^[^\s@<>(),;:"]+@[^\s@<>(),;:"]+$/;
/** Digits, in groups that single hyphens, points or slashes part. */
const PHONE = /^\+?\d+([-./]\d+)*$/;
const PHONE_DIGITS = [5, 20] as const;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|([a-z0-9-]+\.)+localhost)$/i;
const NOT_HOSTED = new Set(['application', 'firehose']);

const NORMALIZE: Readonly<Record<SubscriptionProtocol, (endpoint: string) => string>> = {
  sqs: (endpoint) => matching(QUEUE, endpoint, 'SQS endpoint ARN'),
  lambda: (endpoint) => matching(FUNCTION, endpoint, `Lambda endpoint ARN: ${endpoint.slice(0, 200)}`),
  email: (endpoint) => matching(ADDRESS, endpoint, `Email address: ${endpoint.slice(0, 200)}`),
  'email-json': (endpoint) => matching(ADDRESS, endpoint, `Email address: ${endpoint.slice(0, 200)}`),
  sms: phoneNumber,
  http: (endpoint) => url(endpoint, 'http'),
  https: (endpoint) => url(endpoint, 'https'),
};

/**
 * The endpoint as SNS keeps it.
 * @throws ServiceError InvalidParameter
 */
export function checkEndpoint(
  protocol: string,
  endpoint: string,
): { protocol: SubscriptionProtocol; endpoint: string } {
  if (NOT_HOSTED.has(protocol)) {
    throw invalidParameter(`Protocol ${protocol} is not hosted by the local runtime`);
  }
  if (!Object.hasOwn(NORMALIZE, protocol)) {
    throw invalidParameter(`Amazon SNS does not support this protocol string: ${protocol.slice(0, 100)}`);
  }
  const known = protocol as SubscriptionProtocol;
  return { protocol: known, endpoint: NORMALIZE[known](endpoint) };
}

export function isQueueArn(arn: string): boolean {
  return QUEUE.test(arn);
}

/** Whether only this machine is behind the URL's host. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/** A phone number's digits with a plus; undefined for what is none. */
export function phoneDigits(number: string): string | undefined {
  const digits = number.replace(/\D/g, '');
  const [min, max] = PHONE_DIGITS;
  return PHONE.test(number) && digits.length >= min && digits.length <= max ? `+${digits}` : undefined;
}

function phoneNumber(endpoint: string): string {
  const number = phoneDigits(endpoint);
  // Not after "Invalid parameter:", unlike all others.
  if (number === undefined) throw invalidParameter(`Invalid SMS endpoint: ${endpoint.slice(0, 100)}`, '');
  return number;
}

function matching(pattern: RegExp, endpoint: string, complaint: string): string {
  if (pattern.test(endpoint)) return endpoint;
  throw invalidParameter(complaint);
}

function url(endpoint: string, protocol: 'http' | 'https'): string {
  if (!URL.canParse(endpoint))
    throw invalidParameter(`Endpoint Reason: not a URL: ${endpoint.slice(0, 200)}`);
  const parsed = new URL(endpoint);
  if (parsed.protocol !== `${protocol}:`) {
    throw invalidParameter('Endpoint must match the specified protocol');
  }
  if (isLoopback(parsed.hostname)) return endpoint;
  throw invalidParameter(
    `Endpoint Reason: the local runtime posts to this machine only, and ${parsed.hostname.slice(0, 200)} is not a name of its loopback interface`,
  );
}
