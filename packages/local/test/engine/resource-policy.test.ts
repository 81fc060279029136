import { policyAllows } from '../../src/engine/resource-policy';
import { parsePolicy } from '../../src/iam';

type PolicyStatement = Readonly<Record<string, unknown>>;

const call = {
  service: 'sns.amazonaws.com',
  action: 'sqs:SendMessage',
  resource: 'arn:aws:sqs:us-east-1:000000000000:orders',
  sourceArn: 'arn:aws:sns:us-east-1:000000000000:events',
  sourceAccount: '000000000000',
};

const allow: PolicyStatement = {
  Effect: 'Allow',
  Principal: { Service: 'sns.amazonaws.com' },
  Action: 'sqs:SendMessage',
  Resource: call.resource,
};

function allowed(...Statement: PolicyStatement[]): boolean {
  return policyAllows(parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement }), 'it'), call);
}

describe('policyAllows', () => {
  it('says no to silence', () => {
    expect(allowed()).toBe(false);
  });

  it('takes a single statement that is no list', () => {
    expect(policyAllows(parsePolicy(JSON.stringify({ Statement: allow }), 'it'), call)).toBe(true);
  });

  it.each<[string, Partial<PolicyStatement>, boolean]>([
    ['everybody', { Principal: '*' }, true],
    ['every account', { Principal: { AWS: ['*'] } }, true],
    ['another service', { Principal: { Service: ['events.amazonaws.com'] } }, false],
    ['one account', { Principal: { AWS: 'arn:aws:iam::000000000000:root' } }, false],
    ['nobody', { Principal: undefined }, false],
    ['null', { Principal: null }, false],
    ['all actions but others', { Action: undefined, NotAction: ['sqs:DeleteMessage'] }, true],
    ['all actions but this', { Action: undefined, NotAction: 'SQS:sendmessage' }, false],
    ['actions by pattern and in any case', { Action: ['SQS:Send*'] }, true],
    ['another action', { Action: 'sqs:ReceiveMessage' }, false],
    ['resources by pattern', { Resource: 'arn:aws:sqs:*:*:ord?rs' }, true],
    ['another resource', { Resource: 'arn:aws:sqs:us-east-1:000000000000:other' }, false],
    ['other resources', { Resource: undefined, NotResource: call.resource }, false],
  ])('lets in or not: %s', (_who, changes, expected) => {
    expect(allowed({ ...allow, ...changes })).toBe(expected);
  });

  it.each<[string, Record<string, string | string[]>, boolean]>([
    ['ArnEquals', { 'aws:SourceArn': call.sourceArn }, true],
    ['ArnLike', { 'AWS:SourceArn': ['arn:aws:sns:*:*:other', 'arn:aws:sns:*:*:ev*'] }, true],
    ['ArnEquals', { 'aws:SourceArn': 'arn:aws:sns:us-east-1:000000000000:other' }, false],
    ['ArnNotLike', { 'aws:SourceArn': call.sourceArn }, false],
    ['StringEquals', { 'aws:SourceAccount': '000000000000' }, true],
    ['StringEquals', { 'aws:SourceAccount': '111111111111' }, false],
    ['StringNotEquals', { 'aws:SourceAccount': '111111111111' }, true],
    ['StringEqualsIgnoreCase', { 'aws:PrincipalServiceName': 'SNS.amazonaws.com' }, true],
    ['ForAnyValue:StringLike', { 'aws:SourceArn': '*:events' }, true],
    ['Bool', { 'aws:SecureTransport': 'true' }, true],
    ['StringEquals', { 'aws:PrincipalOrgID': 'o-1' }, false],
    ['StringEqualsIfExists', { 'aws:PrincipalOrgID': 'o-1' }, true],
    ['Null', { 'aws:PrincipalOrgID': 'true' }, true],
    ['Null', { 'aws:SourceArn': 'true' }, false],
    ['IpAddress', { 'aws:SourceIp': '10.0.0.0/8' }, false],
  ])('judges the condition %s %j', (operator, keys, expected) => {
    expect(allowed({ ...allow, Condition: { [operator]: keys } })).toBe(expected);
  });

  it('takes a denial that it does not understand for one', () => {
    const addresses = { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } };
    expect(allowed(allow, { ...allow, Effect: 'Deny', Condition: addresses })).toBe(false);
  });

  it('lets a denial win, and denies only what it means', () => {
    const deny: PolicyStatement = { ...allow, Effect: 'Deny', Principal: '*', Action: 'sqs:*' };
    expect(allowed(allow, deny)).toBe(false);
    expect(allowed({ ...deny, Condition: { Bool: { 'aws:SecureTransport': 'false' } } }, allow)).toBe(true);
    expect(
      allowed(allow, { ...deny, Principal: undefined, NotPrincipal: { Service: 'sns.amazonaws.com' } }),
    ).toBe(true);
  });
});
