import { ManualClock as BrokerClock } from '../../local/test/support/manual-clock';
import { FUNCTION_KEY } from '../../local/test/wire/support';
import type { AuditOptions, Messaging } from '../src';
import { audit, RULES } from '../src/audit';
import { systemClock } from '../src/clock';
import type { Cloud } from './support';
import { startCloud } from './support';
import { like } from './waiting';

const FAST = { requestsPerSecond: 1_000 } as const;
const DAY_SECONDS = 86_400;

const brokerClock = new BrokerClock();
const clock = { ...systemClock, now: () => brokerClock.now() };
let cloud: Cloud;
let messaging: Messaging;
let prefix: string;
let runs = 0;

beforeAll(async () => {
  cloud = await startCloud({ clock: brokerClock });
});
afterAll(() => cloud.close());
beforeEach(() => {
  cloud.runtime.guard.rule = () => ({ kind: 'allow' });
  prefix = `run${++runs}-`;
  messaging = cloud.open({ prefix, clock });
});

/** What a rule finds, as `type name`. */
async function found(rule: string, options: AuditOptions = {}): Promise<string[]> {
  const { findings } = await audit(messaging.aws, { ...FAST, rules: [rule], ...options });
  for (const { reason, remedy } of findings) {
    expect(reason).toMatch(/\S/);
    expect(remedy).toMatch(/\S/);
  }
  return findings.map(({ resource }) => `${resource.type} ${resource.name}`).sort();
}

/** The policy of a queue, as somebody may have written it. */
async function setPolicy(name: string, ...statements: object[]): Promise<void> {
  const { url, arn } = await messaging.queues.create({ name });
  const Statement = statements.map((statement) => ({
    Effect: 'Allow',
    Action: 'sqs:*',
    Resource: arn,
    ...statement,
  }));
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await (await messaging.aws.sqs()).setQueueAttributes({ QueueUrl: url, Attributes: { Policy } });
}

describe('the audit', () => {
  it('finds queues that nobody uses', async () => {
    for (const name of ['idle', 'used', 'dead']) await messaging.queues.create({ name: prefix + name });
    await messaging.queues.update(`${prefix}used`, {
      deadLetter: { queue: `${prefix}dead`, maxReceiveCount: 3 },
    });
    brokerClock.advanceSeconds(13 * DAY_SECONDS);
    expect(await found('queue-unused')).toEqual([]);
    await messaging.queues.send(`${prefix}used`, { body: 'x' });
    await messaging.queues.create({ name: `${prefix}new` });
    brokerClock.advanceSeconds(2 * DAY_SECONDS);
    expect(await found('queue-unused')).toEqual([`queue ${prefix}idle`]);
    expect(await found('queue-unused', { unusedDays: 1 })).toEqual([
      `queue ${prefix}idle`,
      `queue ${prefix}new`,
      `queue ${prefix}used`,
    ]);
  });

  it('says what it could not judge', async () => {
    const credentials = { kind: 'static', accessKeyId: FUNCTION_KEY, secretAccessKey: 'secret' } as const;
    const other = cloud.open({ prefix, clock, credentials });
    await messaging.queues.create({ name: `${prefix}a` });
    cloud.runtime.guard.rule = ({ action }) =>
      /GetMetricData|ListSubscriptions$/.test(action)
        ? { kind: 'deny', message: 'not for you' }
        : { kind: 'allow' };
    const { notes, findings, checked } = await other.audit(FAST);
    expect(notes).toEqual([
      expect.stringMatching(/^subscription-to-missing-queue was not applied: .*not for you/),
      expect.stringMatching(/^subscription-pending was not applied: .*not for you/),
      expect.stringMatching(/^queue-unused was not applied: .*not for you/),
    ]);
    expect(findings.map(({ rule }) => rule)).toEqual(['queue-without-dead-letters']);
    expect(checked).toEqual({ queues: 1, topics: 0, subscriptions: 0, alarms: 0 });
  });

  it('finds topics without subscribers', async () => {
    for (const name of ['alone', 'heard']) await messaging.topics.create({ name: prefix + name });
    await messaging.queues.create({ name: `${prefix}q` });
    await messaging.subscriptions.create({
      topic: `${prefix}heard`,
      protocol: 'sqs',
      endpoint: `${prefix}q`,
    });
    expect(await found('topic-without-subscribers')).toEqual([`topic ${prefix}alone`]);
  });

  it('finds queues without dead letters, dead letters that wait, and those that expire early', async () => {
    await messaging.queues.create({ name: `${prefix}dead`, retentionSeconds: 60 });
    const deadLetter = { queue: `${prefix}dead`, maxReceiveCount: 1 };
    await messaging.queues.create({ name: `${prefix}kept`, deadLetter });
    await messaging.queues.create({ name: `${prefix}bare` });
    expect(await found('queue-without-dead-letters')).toEqual([`queue ${prefix}bare`]);
    expect(await found('dead-letters-waiting')).toEqual([]);
    await messaging.queues.send(`${prefix}dead`, { body: 'x' });
    expect(await found('dead-letters-waiting')).toEqual([`queue ${prefix}dead`]);
    const early = 'retention-of-dead-letters-shorter-than-source';
    expect(await found(early)).toEqual([`queue ${prefix}dead`]);
    await messaging.queues.update(`${prefix}dead`, { retentionSeconds: 345_600 });
    expect(await found(early)).toEqual([]);
  });

  it('finds what is not encrypted', async () => {
    await messaging.queues.create({ name: `${prefix}open`, encryption: 'none' });
    await messaging.queues.create({ name: `${prefix}sealed` });
    await messaging.topics.create({ name: `${prefix}open` });
    await messaging.topics.create({ name: `${prefix}sealed`, encryption: { keyId: 'alias/aws/sns' } });
    expect(await found('queue-unencrypted')).toEqual([`queue ${prefix}open`]);
    expect(await found('topic-unencrypted')).toEqual([`topic ${prefix}open`]);
  });

  it.each<[string, object, boolean]>([
    ['everybody', { Principal: '*' }, true],
    ['every account', { Principal: { AWS: '*' } }, true],
    ['every account among others', { Principal: { AWS: ['111111111111', '*'] } }, true],
    ['all but one', { NotPrincipal: { AWS: '111111111111' } }, true],
    ['everybody with TLS', { Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'true' } } }, true],
    [
      'everybody but one',
      { Principal: '*', Condition: { StringNotEquals: { 'aws:SourceAccount': '1' } } },
      true,
    ],
    ['every address', { Principal: '*', Condition: { IpAddress: { 'aws:SourceIp': ['0.0.0.0/0'] } } }, true],
    [
      'whoever says nothing',
      { Principal: '*', Condition: { StringEqualsIfExists: { 'aws:SourceAccount': '1' } } },
      true,
    ],
    ['one account', { Principal: { AWS: '111111111111' } }, false],
    ['a service', { Principal: { Service: 'sns.amazonaws.com' } }, false],
    ['nobody', { Principal: '*', Effect: 'Deny' }, false],
    [
      'a topic',
      { Principal: '*', Condition: { ArnEquals: { 'aws:SourceArn': 'arn:aws:sns:us-east-1:1:t' } } },
      false,
    ],
    [
      'an organization',
      { Principal: '*', Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } },
      false,
    ],
  ])('knows a policy for %s', async (_who, statement, open) => {
    await setPolicy(`${prefix}q`, statement);
    await messaging.topics.create({ name: `${prefix}t` });
    // A topic's policy of its own lets in everybody of its owner's account.
    expect(await found('policy-open-to-the-world')).toEqual(open ? [`queue ${prefix}q`] : []);
  });

  it('finds subscriptions that nobody confirmed, and those to queues that are gone', async () => {
    await messaging.topics.create({ name: `${prefix}t` });
    for (const name of ['there', 'gone']) await messaging.queues.create({ name: prefix + name });
    for (const name of ['there', 'gone']) {
      await messaging.subscriptions.create({ topic: `${prefix}t`, protocol: 'sqs', endpoint: prefix + name });
    }
    const email = { topic: `${prefix}t`, protocol: 'email', endpoint: 'a@example.com' } as const;
    await messaging.subscriptions.create(email);
    await messaging.queues.delete(`${prefix}gone`);
    expect(await found('subscription-pending')).toEqual([`subscription ${prefix}t email a@example.com`]);
    expect(await found('subscription-to-missing-queue')).toEqual([
      expect.stringMatching(`^subscription ${prefix}t:`),
    ]);
  });

  it('finds alarms that tell nobody, and those on queues that are gone', async () => {
    const alarm = { comparison: '>', threshold: 1 } as const;
    await messaging.queues.create({ name: `${prefix}q` });
    await messaging.topics.create({ name: `${prefix}t` });
    const notify = { alarm: [{ topic: `${prefix}t` }] };
    const metric = (queue: string) => ({ queue, measure: 'visible' }) as const;
    await messaging.alarms.create({ ...alarm, name: `${prefix}mute`, metric: metric(`${prefix}q`) });
    await messaging.alarms.create({
      ...alarm,
      name: `${prefix}blind`,
      metric: metric(`${prefix}gone`),
      notify,
    });
    await messaging.alarms.create({
      ...alarm,
      name: `${prefix}far`,
      metric: metric('another-prefix'),
      notify,
    });
    expect(await found('alarm-without-actions')).toEqual([`alarm ${prefix}mute`]);
    expect(await found('alarm-on-missing-queue')).toEqual([`alarm ${prefix}blind`]);
  });

  it('reports the most severe first, with when and what it looked at', async () => {
    await setPolicy(`${prefix}q`, { Principal: '*' });
    await messaging.topics.create({ name: `${prefix}t` });
    const report = await messaging.audit(FAST);
    expect(report.findings.map(({ severity }) => severity)).toEqual(['high', 'medium', 'medium', 'low']);
    expect(report).toMatchObject({
      checkedAt: new Date(brokerClock.now()).toISOString(),
      checked: { queues: 1, topics: 1, subscriptions: 0, alarms: 0 },
      notes: [],
    });
  });

  it('refuses what cannot be', async () => {
    const bad = messaging.audit({ rules: ['no-such'], unusedDays: 0, requestsPerSecond: 0 });
    await expect(bad).rejects.toMatchObject({
      code: 'invalid',
      errors: ['rules', 'unusedDays', 'requestsPerSecond'].map((field) => like({ field })),
    });
  });

  it('has a name for each rule', () => {
    expect(new Set(RULES.map(({ name }) => name)).size).toBe(RULES.length);
  });
});
