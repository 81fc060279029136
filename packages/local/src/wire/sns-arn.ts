import { ServiceError } from '../engine';
import type { Locale } from '../engine';
import type { Input, WireContext } from './protocol';
import { optionalText } from './protocol';

const ELEMENTS = 6;
const SUBSCRIPTION_ELEMENTS = 7;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The ARN of a topic of this account and region, whether it exists or not. @throws ServiceError InvalidParameter */
export function topicArnOf(input: Input, name: string, { broker }: WireContext): string {
  const elements = elementsOf(input, name);
  if (!isHere(elements, broker.locale)) throw refuse(name);
  return elements.join(':');
}

/** A subscription's ARN. @throws ServiceError InvalidParameter */
export function subscriptionArnOf(input: Input): string {
  const elements = elementsOf(input, 'SubscriptionArn');
  if (elements.length !== SUBSCRIPTION_ELEMENTS || !ID.test(elements[ELEMENTS]!))
    throw refuse('SubscriptionId');
  return elements.join(':');
}

/** The topic in a subscription's ARN. */
export function topicOfSubscription(subscriptionArn: string): string {
  return subscriptionArn.split(':').slice(0, ELEMENTS).join(':');
}

/** Where a list goes on: the last ARN of the page before. */
export function pageStart(input: Input): string | undefined {
  const token = optionalText(input, 'NextToken');
  if (token === undefined || token === '') return undefined;
  const arn = Buffer.from(token, 'base64').toString();
  if (!arn.startsWith('arn:')) throw refuse('NextToken');
  return arn;
}

export function pageToken(next: string | undefined): string | undefined {
  return next === undefined ? undefined : Buffer.from(next).toString('base64');
}

function elementsOf(input: Input, name: string): string[] {
  const arn = optionalText(input, name);
  if (arn === undefined || arn === '') throw refuse(`${name} Reason: no value for required parameter`);
  const elements = arn.split(':');
  if (elements.length < ELEMENTS) {
    throw refuse(`${name} Reason: An ARN must have at least ${ELEMENTS} elements, not ${elements.length}`);
  }
  return elements;
}

function isHere([prefix, , service, region, account]: readonly string[], locale: Locale): boolean {
  return prefix === 'arn' && service === 'sns' && region === locale.region && account === locale.accountId;
}

function refuse(reason: string): ServiceError {
  return new ServiceError('InvalidParameter', `Invalid parameter: ${reason}`);
}
