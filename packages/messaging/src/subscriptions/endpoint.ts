import type { FieldError } from '../errors';
import { isArn, nameErrors, parseArn } from '../names';
import { addressProblem } from '../mail/address';
import type { SubscriptionProtocol } from './types';

const PROTOCOLS: readonly SubscriptionProtocol[] = [
  'sqs',
  'lambda',
  'http',
  'https',
  'email',
  'email-json',
  'sms',
];

/** https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html */
const RAW: readonly string[] = ['sqs', 'http', 'https'];
/** https://docs.aws.amazon.com/sns/latest/dg/sns-mobile-phone-number-as-subscriber.html: E.164. */
const PHONE = /^\+[1-9]\d{1,14}$/;

/** Whether a protocol's messages can come without SNS's envelope. */
export function carriesRaw(protocol: string): boolean {
  return RAW.includes(protocol);
}

/** What is wrong with a subscription's endpoint. */
export function endpointErrors(
  protocol: SubscriptionProtocol,
  endpoint: string,
  field = 'endpoint',
): FieldError[] {
  switch (protocol) {
    case 'sqs':
      return isArn(endpoint) ? arnErrors('sqs', endpoint, field) : nameErrors('queue', endpoint, field);
    case 'lambda':
      return isArn(endpoint) ? arnErrors('lambda', endpoint, field) : nameErrors('function', endpoint, field);
    case 'http':
    case 'https':
      return urlErrors(protocol, endpoint, field);
    case 'email':
    case 'email-json': {
      const detail = /[<>]/.test(endpoint) ? 'must be an address without a name' : addressProblem(endpoint);
      return detail === undefined ? [] : [{ field, detail }];
    }
    case 'sms':
      return PHONE.test(endpoint)
        ? []
        : [{ field, detail: 'must be a phone number such as +12065550100 (E.164)' }];
    default:
      return [{ field: 'protocol', detail: `must be one of ${PROTOCOLS.join(', ')}` }];
  }
}

function arnErrors(service: string, arn: string, field: string): FieldError[] {
  const { service: given, region, account } = parseArn(arn) ?? {};
  const isRight = given === service && region !== '' && /^\d{12}$/.test(account ?? '');
  return isRight ? [] : [{ field, detail: `must be a name or the ARN of a resource of ${service}` }];
}

function urlErrors(protocol: string, endpoint: string, field: string): FieldError[] {
  if (!URL.canParse(endpoint)) return [{ field, detail: 'must be a URL' }];
  return new URL(endpoint).protocol === `${protocol}:`
    ? []
    : [{ field, detail: `must begin with ${protocol}://` }];
}
