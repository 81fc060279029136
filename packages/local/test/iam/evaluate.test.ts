import { decide, parsePolicy } from '../../src/iam';
import type { Request } from '../../src/iam';

const TOPIC = 'arn:aws:sns:us-east-1:000000000000:news';

function request(overrides: Partial<Request> = {}): Request {
  return { action: 'sns:Publish', resource: TOPIC, context: new Map(), ...overrides };
}

function judge(statement: object, overrides: Partial<Request> = {}) {
  const whole = { Effect: 'Allow', Action: 'sns:Publish', Resource: '*', ...statement };
  return decide(parsePolicy(JSON.stringify({ Statement: whole }), 'test'), request(overrides));
}

describe('actions and resources', () => {
  test.each([
    [{}, 'allow'],
    [{ Action: 'SNS:publish' }, 'allow'],
    [{ Action: ['sqs:*', 'sns:Pub*'] }, 'allow'],
    [{ Action: 'sns:Publis?' }, 'allow'],
    [{ Action: '*' }, 'allow'],
    [{ Action: 'sns:Subscribe' }, 'implicit-deny'],
    [{ Action: undefined, NotAction: 'sqs:*' }, 'allow'],
    [{ Action: undefined, NotAction: ['sns:*'] }, 'implicit-deny'],
    [{ Resource: TOPIC }, 'allow'],
    [{ Resource: 'arn:aws:sns:*:*:n*' }, 'allow'],
    [{ Resource: TOPIC.toUpperCase() }, 'implicit-deny'],
    [{ Resource: `${TOPIC}-2` }, 'implicit-deny'],
    [{ Resource: undefined, NotResource: TOPIC }, 'implicit-deny'],
    [{ Resource: undefined, NotResource: 'arn:aws:sqs:*' }, 'allow'],
    [{ Resource: undefined }, 'implicit-deny'],
    [{ Effect: 'Deny' }, 'explicit-deny'],
  ])('%j -> %s', (statement, expected) => {
    expect(judge(statement)).toBe(expected);
  });

  test('a dot in a pattern is a dot', () => {
    expect(judge({ Resource: 'a.c*' }, { resource: 'abc' })).toBe('implicit-deny');
  });

  test('a Deny wins over an Allow, in either order, and silence is a no', () => {
    const allow = { Effect: 'Allow', Action: '*', Resource: '*' };
    const deny = { Effect: 'Deny', Action: 'sns:*', Resource: '*' };
    for (const statements of [
      [allow, deny],
      [deny, allow],
    ]) {
      expect(decide(parsePolicy(JSON.stringify({ Statement: statements }), 'x'), request())).toBe(
        'explicit-deny',
      );
    }
    expect(decide([], request())).toBe('implicit-deny');
  });

  test('a policy that is not JSON is refused by name', () => {
    expect(() => parsePolicy('{', 'aws_iam_policy.x')).toThrow('aws_iam_policy.x is not a policy in JSON');
  });
});

describe('conditions', () => {
  const context = new Map([
    ['aws:sourcearn', TOPIC],
    ['aws:securetransport', 'true'],
    ['aws:age', '5'],
  ]);

  test.each([
    [{ StringEquals: { 'aws:SourceArn': TOPIC } }, 'allow'],
    [{ StringEquals: { 'aws:SourceArn': ['x', TOPIC] } }, 'allow'],
    [{ StringEquals: { 'aws:SourceArn': 'arn:*' } }, 'implicit-deny'],
    [{ StringEqualsIgnoreCase: { 'AWS:SOURCEARN': TOPIC.toUpperCase() } }, 'allow'],
    [{ StringLike: { 'aws:SourceArn': 'arn:*:news' } }, 'allow'],
    [{ StringNotEquals: { 'aws:SourceArn': TOPIC } }, 'implicit-deny'],
    [{ StringNotEquals: { 'aws:Absent': 'x' } }, 'allow'],
    [{ ArnLike: { 'aws:SourceArn': 'arn:aws:sns:*:000000000000:*' } }, 'allow'],
    [{ ArnEquals: { 'aws:SourceArn': 'arn:aws:sqs:*' } }, 'implicit-deny'],
    [{ ArnNotLike: { 'aws:SourceArn': 'arn:aws:sqs:*' } }, 'allow'],
    [{ Bool: { 'aws:SecureTransport': 'true' } }, 'allow'],
    [{ Bool: { 'aws:SecureTransport': false } }, 'implicit-deny'],
    [{ NumericLessThan: { 'aws:age': 6 } }, 'allow'],
    [{ NumericGreaterThanEquals: { 'aws:age': 6 } }, 'implicit-deny'],
    [{ Null: { 'aws:Absent': 'true' } }, 'allow'],
    [{ Null: { 'aws:age': 'true' } }, 'implicit-deny'],
    [{ StringEquals: { 'aws:Absent': 'x' } }, 'implicit-deny'],
    [{ StringEqualsIfExists: { 'aws:Absent': 'x' } }, 'allow'],
    [{ 'ForAllValues:StringEquals': { 'aws:Absent': 'x' } }, 'allow'],
    [{ 'ForAnyValue:StringEquals': { 'aws:SourceArn': TOPIC } }, 'allow'],
    [{ Bool: { 'aws:SecureTransport': 'true' }, StringEquals: { 'aws:SourceArn': 'x' } }, 'implicit-deny'],
  ])('%j -> %s', (condition, expected) => {
    expect(judge({ Condition: condition }, { context })).toBe(expected);
  });

  test('one that is not understood never opens a door', () => {
    const condition = { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } };
    expect(judge({ Condition: condition }, { context })).toBe('implicit-deny');
    expect(judge({ Effect: 'Deny', Condition: condition }, { context })).toBe('explicit-deny');
  });
});

describe('principals', () => {
  const principal = { kind: 'AWS', ids: ['arn:aws:iam::000000000000:role/r', '000000000000'] };

  test.each([
    [{ Principal: '*' }, 'allow'],
    [{ Principal: { AWS: '*' } }, 'allow'],
    [{ Principal: { AWS: ['x', principal.ids[0]] } }, 'allow'],
    [{ Principal: { AWS: '000000000000' } }, 'allow'],
    [{ Principal: { Service: '*' } }, 'implicit-deny'],
    [{ Principal: { AWS: 'arn:aws:iam::000000000000:role/other' } }, 'implicit-deny'],
    [{ NotPrincipal: { AWS: principal.ids[0] } }, 'implicit-deny'],
    [{ NotPrincipal: { AWS: 'other' } }, 'allow'],
    [{}, 'implicit-deny'],
  ])('%j -> %s', (statement, expected) => {
    expect(judge(statement, { principal })).toBe(expected);
  });
});
