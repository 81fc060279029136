import { eventSources, findSource, shortNames } from '../../src/samples';
import { bare, context } from './support';

/** What the article on event sources lists, with what it says of who waits. */
const LISTED = {
  async: [
    's3',
    'sns',
    'ses',
    'cloudformation',
    'cloudwatch-logs',
    'eventbridge',
    'scheduled',
    'codecommit',
    'config',
    'iot-button',
  ],
  sync: [
    'alb',
    'api-gateway',
    'cloudfront',
    's3-batch',
    'cognito',
    'step-functions',
    'lex',
    'alexa',
    'firehose',
  ],
  polled: ['sqs', 'dynamodb', 'kinesis'],
} as const;

test.each(Object.entries(LISTED).flatMap(([kind, names]) => names.map((name) => [name, kind] as const)))(
  '%s is a source that is %s',
  (name, kind) => {
    expect(findSource(name)?.kind).toBe(kind);
  },
);

test('every source has a name of its own, and every short name a source', () => {
  const names = eventSources.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const [short, whole] of Object.entries(shortNames)) {
    expect(names).toContain(whole);
    expect(names).not.toContain(short);
  }
  expect(findSource('none')).toBeUndefined();
  expect(findSource('constructor')).toBeUndefined();
});

describe.each(eventSources.map((source) => [source.name, source] as const))('%s', (_, source) => {
  test('is JSON with nothing left out, with and without real names', () => {
    for (const each of [context, bare]) {
      const event = source.event(each);
      // What is undefined (an authorizer that is not there) is missing in JSON, as it is on AWS.
      expect(JSON.parse(JSON.stringify(event))).toEqual(event);
      const text = JSON.stringify(event);
      expect(text).not.toContain('undefined');
      expect(text).not.toContain('NaN');
      expect(text.length).toBeGreaterThan(50);
    }
  });

  test('knows no other region and account', () => {
    const arns = JSON.stringify(source.event(context)).match(/arn:aws:[a-z-]+:[a-z\d-]*:\d*:/g) ?? [];
    for (const arn of arns) {
      const [, , , region, account] = arn.split(':');
      expect(['', 'eu-west-1']).toContain(region);
      expect(['', '123456789012']).toContain(account);
    }
  });
});

test('two events of a source have different ids', () => {
  for (const { name, event } of eventSources) {
    // A measurement has none.
    if (name === 'iot-rule') continue;
    expect(JSON.stringify(event(context))).not.toBe(JSON.stringify(event(context)));
  }
});
