import { AttributeProblem, isObject, parseObject } from './attribute-problem';

/** When a failed delivery is tried again: four phases, in seconds. */
export interface RetryPolicy {
  readonly minDelayTarget: number;
  readonly maxDelayTarget: number;
  /** Of all phases together. */
  readonly numRetries: number;
  /** After the backoff phase, `maxDelayTarget` apart. */
  readonly numMaxDelayRetries: number;
  /** At once. */
  readonly numNoDelayRetries: number;
  /** Before the backoff phase, `minDelayTarget` apart. */
  readonly numMinDelayRetries: number;
  readonly backoffFunction: BackoffFunction;
}

export type BackoffFunction = 'arithmetic' | 'exponential' | 'geometric' | 'linear';

/** What topic and subscription together say about deliveries by HTTP. */
export interface DeliveryPolicy {
  readonly retry: RetryPolicy;
  readonly maxReceivesPerSecond: number | undefined;
  readonly contentType: string;
}

/** The parts that a topic or a subscription sets. */
export interface DeliverySettings {
  readonly retry?: Partial<RetryPolicy>;
  readonly maxReceivesPerSecond?: number;
  readonly contentType?: string;
  /** A topic's word against what subscriptions set. */
  readonly disableSubscriptionOverrides: boolean;
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html */
const DEFAULT_RETRY: RetryPolicy = {
  minDelayTarget: 20,
  maxDelayTarget: 20,
  numRetries: 3,
  numMaxDelayRetries: 0,
  numNoDelayRetries: 0,
  numMinDelayRetries: 0,
  backoffFunction: 'linear',
};
export const DEFAULT_CONTENT_TYPE = 'text/plain; charset=UTF-8';
const CONTENT_TYPE =
  /^(text\/(css|csv|html|plain|xml)|application\/(atom\+xml|json|octet-stream|soap\+xml|x-www-form-urlencoded|xhtml\+xml|xml))(; ?charset=[\w-]+)?$/i;
const MAX_DELAY = 3600;
const MAX_RETRIES = 100;
const MAX_TOTAL_SECONDS = 3600;

const RANGES: Readonly<Record<Exclude<keyof RetryPolicy, 'backoffFunction'>, readonly [number, number]>> = {
  minDelayTarget: [1, MAX_DELAY],
  maxDelayTarget: [1, MAX_DELAY],
  numRetries: [0, MAX_RETRIES],
  numMaxDelayRetries: [0, MAX_RETRIES],
  numNoDelayRetries: [0, MAX_RETRIES],
  numMinDelayRetries: [0, MAX_RETRIES],
};

/** How far the delay has gone from the shortest (0) to the longest (1). AWS shows the functions as curves only. */
const SHARES: Readonly<Record<BackoffFunction, (step: number, steps: number, ratio: number) => number>> = {
  linear: (step, steps) => step / steps,
  arithmetic: (step, steps) => (step * (step + 1)) / (steps * (steps + 1)),
  geometric: (step, steps, ratio) => (ratio === 1 ? 0 : (ratio ** (step / steps) - 1) / (ratio - 1)),
  exponential: (step, steps) => (2 ** step - 1) / (2 ** steps - 1),
};

/** A topic's `DeliveryPolicy`. @throws AttributeProblem */
export function topicDelivery(json: string | undefined): DeliverySettings {
  if (json === undefined) return { disableSubscriptionOverrides: false };
  const { http, ...others } = parseObject('DeliveryPolicy', json);
  refuseUnknown('DeliveryPolicy', others);
  if (http === undefined || http === null) return { disableSubscriptionOverrides: false };
  if (!isObject(http)) throw problem('http must be an object');
  const {
    defaultHealthyRetryPolicy,
    defaultSicklyRetryPolicy: _sickly,
    defaultThrottlePolicy,
    defaultRequestPolicy,
    disableSubscriptionOverrides = false,
    ...unknown
  } = http;
  refuseUnknown('DeliveryPolicy.http', unknown);
  if (typeof disableSubscriptionOverrides !== 'boolean') {
    throw problem('http.disableSubscriptionOverrides must be true or false');
  }
  return checked({
    retry: retryOf('http.defaultHealthyRetryPolicy', defaultHealthyRetryPolicy),
    maxReceivesPerSecond: throttleOf('http.defaultThrottlePolicy', defaultThrottlePolicy),
    contentType: contentTypeOf('http.defaultRequestPolicy', defaultRequestPolicy),
    disableSubscriptionOverrides,
  });
}

/** A subscription's `DeliveryPolicy`. @throws AttributeProblem */
export function subscriptionDelivery(json: string | undefined): DeliverySettings {
  if (json === undefined) return { disableSubscriptionOverrides: false };
  const {
    healthyRetryPolicy,
    sicklyRetryPolicy: _sickly,
    throttlePolicy,
    requestPolicy,
    guaranteed: _guaranteed,
    ...unknown
  } = parseObject('DeliveryPolicy', json);
  refuseUnknown('DeliveryPolicy', unknown);
  return checked({
    retry: retryOf('healthyRetryPolicy', healthyRetryPolicy),
    maxReceivesPerSecond: throttleOf('throttlePolicy', throttlePolicy),
    contentType: contentTypeOf('requestPolicy', requestPolicy),
    disableSubscriptionOverrides: false,
  });
}

/** What holds for a subscription's deliveries. */
export function effectiveDelivery(topic: DeliverySettings, subscription?: DeliverySettings): DeliveryPolicy {
  const own = topic.disableSubscriptionOverrides ? undefined : subscription;
  return {
    retry: { ...DEFAULT_RETRY, ...(own?.retry ?? topic.retry) },
    maxReceivesPerSecond: own?.maxReceivesPerSecond ?? topic.maxReceivesPerSecond,
    contentType: own?.contentType ?? topic.contentType ?? DEFAULT_CONTENT_TYPE,
  };
}

/** The delays before the second, third, ... attempt, in seconds. */
export function retryDelays(policy: RetryPolicy): number[] {
  const { minDelayTarget: min, maxDelayTarget: max, numNoDelayRetries, numMinDelayRetries } = policy;
  const { numMaxDelayRetries, backoffFunction } = policy;
  const backoffs = policy.numRetries - numNoDelayRetries - numMinDelayRetries - numMaxDelayRetries;
  const steps = Math.max(1, backoffs - 1);
  return [
    ...Array<number>(numNoDelayRetries).fill(0),
    ...Array<number>(numMinDelayRetries).fill(min),
    ...Array.from({ length: backoffs }, (_, step) => {
      return min + (max - min) * SHARES[backoffFunction](step, steps, max / min);
    }),
    ...Array<number>(numMaxDelayRetries).fill(max),
  ];
}

/** `EffectiveDeliveryPolicy` of a topic, as AWS shows it. */
export function renderTopicDelivery(settings: DeliverySettings): string {
  const { retry, maxReceivesPerSecond, contentType } = effectiveDelivery(settings);
  return JSON.stringify({
    http: {
      defaultHealthyRetryPolicy: retry,
      disableSubscriptionOverrides: settings.disableSubscriptionOverrides,
      ...(maxReceivesPerSecond !== undefined && { defaultThrottlePolicy: { maxReceivesPerSecond } }),
      defaultRequestPolicy: { headerContentType: contentType },
    },
  });
}

/** `EffectiveDeliveryPolicy` of a subscription, as AWS shows it. */
export function renderSubscriptionDelivery(policy: DeliveryPolicy): string {
  const { retry, maxReceivesPerSecond, contentType } = policy;
  return JSON.stringify({
    healthyRetryPolicy: retry,
    sicklyRetryPolicy: null,
    throttlePolicy: maxReceivesPerSecond === undefined ? null : { maxReceivesPerSecond },
    requestPolicy: { headerContentType: contentType },
    guaranteed: false,
  });
}

function retryOf(where: string, value: unknown): Partial<RetryPolicy> | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw problem(`${where} must be an object`);
  const { backoffFunction, ...numbers } = value;
  for (const [name, number] of Object.entries(numbers)) {
    if (!Object.hasOwn(RANGES, name)) throw problem(`${where}.${name.slice(0, 100)} is unknown`);
    const [min, max] = RANGES[name as keyof typeof RANGES];
    if (!Number.isInteger(number) || (number as number) < min || (number as number) > max) {
      throw problem(`${where}.${name} must be an integer from ${min} to ${max}, and is ${shown(number)}`);
    }
  }
  if (backoffFunction !== undefined && !Object.hasOwn(SHARES, backoffFunction as string)) {
    const choices = Object.keys(SHARES).join(', ');
    throw problem(`${where}.backoffFunction must be one of ${choices}, and is ${shown(backoffFunction)}`);
  }
  return value;
}

function throttleOf(where: string, value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const rate = isObject(value) ? value.maxReceivesPerSecond : undefined;
  if (rate === undefined || rate === null) return undefined;
  if (Number.isInteger(rate) && (rate as number) >= 1) return rate as number;
  throw problem(`${where}.maxReceivesPerSecond must be a positive integer, and is ${shown(rate)}`);
}

function contentTypeOf(where: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const type = isObject(value) ? value.headerContentType : undefined;
  if (type === undefined || type === null) return undefined;
  if (typeof type === 'string' && CONTENT_TYPE.test(type)) return type;
  throw problem(`${where}.headerContentType is not supported: ${shown(type)}`);
}

function checked(settings: DeliverySettings): DeliverySettings {
  const retry = { ...DEFAULT_RETRY, ...settings.retry };
  const { minDelayTarget, maxDelayTarget, numRetries } = retry;
  if (minDelayTarget > maxDelayTarget) {
    throw problem(`minDelayTarget ${minDelayTarget} is more than maxDelayTarget ${maxDelayTarget}`);
  }
  const phases = retry.numNoDelayRetries + retry.numMinDelayRetries + retry.numMaxDelayRetries;
  if (phases > numRetries)
    throw problem(`the phases have ${phases} retries, and numRetries is ${numRetries}`);
  const total = retryDelays(retry).reduce((sum, seconds) => sum + seconds, 0);
  if (total > MAX_TOTAL_SECONDS) {
    throw problem(`the retries take ${Math.round(total)} seconds, and may take ${MAX_TOTAL_SECONDS}`);
  }
  return settings;
}

function refuseUnknown(where: string, unknown: object): void {
  const [name] = Object.keys(unknown);
  if (name !== undefined) throw problem(`${where} has no ${name.slice(0, 100)}`);
}

function problem(reason: string): AttributeProblem {
  return new AttributeProblem(`DeliveryPolicy: ${reason}`);
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 100);
}
