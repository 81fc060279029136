import type { Messaging } from '../src';
import type { Cloud } from './support';
import { startCloud } from './support';

let cloud: Cloud;
let messaging: Messaging;

beforeAll(async () => {
  cloud = await startCloud();
  messaging = cloud.open();
});

afterAll(() => cloud.close());

let made = 0;

async function queue(settings: object = {}): Promise<string> {
  const name = `queue-${++made}`;
  await messaging.queues.create({ name, ...settings });
  return name;
}

const refusal = (errors: object[]) => ({ code: 'invalid', errors });

describe('redriving', () => {
  /** A queue whose message died once. */
  async function deadLetters() {
    const dead = await queue();
    const source = await queue({
      visibilityTimeoutSeconds: 0,
      deadLetter: { queue: dead, maxReceiveCount: 1 },
    });
    await messaging.queues.send(source, { body: 'fallen' });
    await messaging.queues.receive(source);
    await messaging.queues.receive(source);
    return { dead, source };
  }

  it('sends dead letters back to where they came from', async () => {
    const { dead, source } = await deadLetters();
    const told: object[] = [];
    messaging.events.on('messages.redriven', (event) => told.push(event));
    const redrive = await messaging.queues.redrive(dead);
    expect(redrive).toMatchObject({
      source: dead,
      destination: null,
      startedAt: expect.any(Date) as unknown,
    });
    expect(told).toEqual([{ resource: dead, destination: null, redriveId: redrive.id }]);
    const [message] = await messaging.queues.receive(source, { waitSeconds: 5 });
    expect(message?.body).toBe('fallen');
    const [latest] = await messaging.queues.redrives(dead);
    expect(latest).toMatchObject({
      id: redrive.id,
      status: expect.stringMatching(/^(running|completed)$/) as unknown,
    });
  });

  it('keeps dead letters from queues that the prefix hides', async () => {
    const team = cloud.open({ prefix: `team${++made}-` });
    const { prefix } = team.aws.settings;
    const theirs = await queue();
    const dead = { name: `${prefix}dead` };
    const { arn } = await team.queues.create(dead);
    const { arn: hidden } = await messaging.queues.get(theirs);
    const deadLetter = { queue: hidden, maxReceiveCount: 1 };
    const errors = [expect.objectContaining({ field: 'deadLetter.queue' })];
    const denied = expect.objectContaining({ code: 'denied', errors }) as unknown;
    await expect(team.queues.create({ name: `${prefix}work`, deadLetter })).rejects.toEqual(denied);
    await expect(team.queues.update(dead.name, { deadLetter })).rejects.toEqual(denied);
    await team.queues.create({ name: `${prefix}work`, deadLetter: { queue: arn, maxReceiveCount: 1 } });
    expect((await team.queues.redrive(dead.name)).source).toBe(dead.name);

    await messaging.queues.update(theirs, { deadLetter: { queue: arn, maxReceiveCount: 1 } });
    await expect(team.queues.redrive(dead.name)).rejects.toMatchObject({ code: 'denied' });
    expect(await team.queues.deadLetterSources(dead.name)).toEqual([`${prefix}work`]);
  });

  it('sends them to another queue, and only to one that is another', async () => {
    const { dead } = await deadLetters();
    const other = await queue();
    expect(await messaging.queues.redrive(dead, { to: other, maxPerSecond: 500 })).toMatchObject({
      destination: other,
    });
    const [message] = await messaging.queues.receive(other, { waitSeconds: 5 });
    expect(message?.body).toBe('fallen');
    await expect(messaging.queues.redrive(dead, { to: dead, maxPerSecond: 501 })).rejects.toMatchObject(
      refusal([
        { field: 'maxPerSecond', detail: expect.any(String) as unknown },
        { field: 'to', detail: 'must be another queue' },
      ]),
    );
  });

  it('is cancelled while it runs, and not when it is over', async () => {
    const { dead } = await deadLetters();
    await messaging.queues.sendAll(dead, [{ body: '1' }, { body: '2' }, { body: '3' }]);
    const to = await queue();
    const { id } = await messaging.queues.redrive(dead, { to, maxPerSecond: 1 });
    await messaging.queues.cancelRedrive(dead, id);
    const [redrive] = await messaging.queues.redrives(dead);
    expect(redrive).toMatchObject({
      id,
      destination: to,
      status: expect.stringMatching(/^cancell/) as unknown,
    });
    await expect(messaging.queues.cancelRedrive(dead, 'none')).rejects.toMatchObject({ code: 'not-found' });
    await expect(messaging.queues.cancelRedrive(dead, id)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('is for dead letters only', async () => {
    const name = await queue();
    await expect(messaging.queues.redrive(name)).rejects.toMatchObject({ code: 'invalid' });
    await expect(messaging.queues.redrive('nowhere')).rejects.toMatchObject({ code: 'not-found' });
  });
});
