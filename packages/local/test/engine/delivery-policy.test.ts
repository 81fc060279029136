import {
  effectiveDelivery,
  renderSubscriptionDelivery,
  renderTopicDelivery,
  retryDelays,
  subscriptionDelivery,
  topicDelivery,
} from '../../src/engine/sns/delivery-policy';

const none = topicDelivery(undefined);

function delays(policy: object): number[] {
  const settings = subscriptionDelivery(JSON.stringify({ healthyRetryPolicy: policy }));
  return retryDelays(effectiveDelivery(none, settings).retry).map(
    (seconds) => Math.round(seconds * 100) / 100,
  );
}

describe('the delays', () => {
  it('are three times 20 seconds unless a policy says otherwise', () => {
    expect(retryDelays(effectiveDelivery(none).retry)).toEqual([20, 20, 20]);
  });

  it('go through the four phases', () => {
    const phases = { numRetries: 9, numNoDelayRetries: 2, numMinDelayRetries: 2, numMaxDelayRetries: 2 };
    expect(delays({ ...phases, minDelayTarget: 10, maxDelayTarget: 30 })).toEqual([
      0, 0, 10, 10, 10, 20, 30, 30, 30,
    ]);
  });

  it.each([
    ['linear', [10, 20, 30, 40, 50]],
    ['arithmetic', [10, 14, 22, 34, 50]],
    ['geometric', [10, 14.95, 22.36, 33.44, 50]],
    ['exponential', [10, 12.67, 18, 28.67, 50]],
  ])('grow by the %s function from the shortest to the longest', (backoffFunction, expected) => {
    expect(delays({ numRetries: 5, minDelayTarget: 10, maxDelayTarget: 50, backoffFunction })).toEqual(
      expected,
    );
  });

  it.each(['linear', 'arithmetic', 'geometric', 'exponential'])(
    'are the shortest for a single %s one, and stay where both are equal',
    (backoffFunction) => {
      expect(delays({ numRetries: 1, minDelayTarget: 5, maxDelayTarget: 9, backoffFunction })).toEqual([5]);
      expect(delays({ numRetries: 2, minDelayTarget: 5, maxDelayTarget: 5, backoffFunction })).toEqual([
        5, 5,
      ]);
    },
  );
});

describe('topic and subscription', () => {
  const topic = (http: object) => topicDelivery(JSON.stringify({ http }));
  const subscription = (policy: object) => subscriptionDelivery(JSON.stringify(policy));

  it('are heard in turn', () => {
    const given = topic({
      defaultHealthyRetryPolicy: { numRetries: 1 },
      defaultThrottlePolicy: { maxReceivesPerSecond: 5 },
      defaultRequestPolicy: { headerContentType: 'application/json' },
    });
    expect(effectiveDelivery(given)).toMatchObject({
      retry: { numRetries: 1 },
      maxReceivesPerSecond: 5,
      contentType: 'application/json',
    });
    const own = subscription({ healthyRetryPolicy: { numRetries: 2 }, throttlePolicy: null });
    expect(effectiveDelivery(given, own)).toMatchObject({
      retry: { numRetries: 2 },
      maxReceivesPerSecond: 5,
    });
  });

  it('may be told that the topic has the last word', () => {
    const given = topic({ defaultHealthyRetryPolicy: { numRetries: 1 }, disableSubscriptionOverrides: true });
    const own = subscription({ healthyRetryPolicy: { numRetries: 2 } });
    expect(effectiveDelivery(given, own).retry.numRetries).toBe(1);
  });

  it('are shown as AWS shows them', () => {
    const retry = {
      minDelayTarget: 20,
      maxDelayTarget: 20,
      numRetries: 3,
      numMaxDelayRetries: 0,
      numNoDelayRetries: 0,
      numMinDelayRetries: 0,
      backoffFunction: 'linear',
    };
    expect(JSON.parse(renderTopicDelivery(none))).toEqual({
      http: {
        defaultHealthyRetryPolicy: retry,
        disableSubscriptionOverrides: false,
        defaultRequestPolicy: { headerContentType: 'text/plain; charset=UTF-8' },
      },
    });
    const own = subscription({ requestPolicy: { headerContentType: 'text/csv' } });
    expect(JSON.parse(renderSubscriptionDelivery(effectiveDelivery(none, own)))).toEqual({
      healthyRetryPolicy: retry,
      sicklyRetryPolicy: null,
      throttlePolicy: null,
      requestPolicy: { headerContentType: 'text/csv' },
      guaranteed: false,
    });
  });
});

it.each([
  ['[]', 'must be a JSON object'],
  ['x', 'failed to parse JSON'],
  ['{"colour":1}', 'DeliveryPolicy has no colour'],
  ['{"healthyRetryPolicy":[]}', 'healthyRetryPolicy must be an object'],
  ['{"healthyRetryPolicy":{"numRetries":101}}', 'numRetries must be an integer from 0 to 100, and is 101'],
  ['{"healthyRetryPolicy":{"numRetries":"3"}}', 'numRetries must be an integer from 0 to 100, and is "3"'],
  ['{"healthyRetryPolicy":{"minDelayTarget":0}}', 'minDelayTarget must be an integer from 1 to 3600'],
  ['{"healthyRetryPolicy":{"minDelayTarget":30}}', 'minDelayTarget 30 is more than maxDelayTarget 20'],
  ['{"healthyRetryPolicy":{"numNoDelayRetries":4}}', 'the phases have 4 retries, and numRetries is 3'],
  ['{"healthyRetryPolicy":{"backoffFunction":"cubic"}}', 'backoffFunction must be one of linear'],
  ['{"healthyRetryPolicy":{"backoffFunction":"toString"}}', 'backoffFunction must be one of linear'],
  ['{"healthyRetryPolicy":{"colour":1}}', 'healthyRetryPolicy.colour is unknown'],
  ['{"healthyRetryPolicy":{"numRetries":2,"minDelayTarget":20,"maxDelayTarget":3600}}', 'may take 3600'],
  ['{"throttlePolicy":{"maxReceivesPerSecond":0}}', 'maxReceivesPerSecond must be a positive integer'],
  ['{"requestPolicy":{"headerContentType":"image/png"}}', 'headerContentType is not supported: "image/png"'],
])('%s is refused', (policy, reason) => {
  expect(() => subscriptionDelivery(policy)).toThrow(reason);
});

it.each([
  ['{"https":{}}', 'DeliveryPolicy has no https'],
  ['{"http":[]}', 'http must be an object'],
  ['{"http":{"defaultRetryPolicy":{}}}', 'DeliveryPolicy.http has no defaultRetryPolicy'],
  ['{"http":{"disableSubscriptionOverrides":"yes"}}', 'disableSubscriptionOverrides must be true or false'],
])('%s is refused for a topic', (policy, reason) => {
  expect(() => topicDelivery(policy)).toThrow(reason);
});
