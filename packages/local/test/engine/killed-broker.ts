/**
 * Publishes, receives and deletes until it is killed, and says what was acknowledged: one line a fact, written before anything else
 * happens. Run with the store's folder and a prefix for its message bodies.
 */
import { Broker } from '../../src/engine';
import { allowTopic } from './support';
import { say } from './say';

const PUBLISHERS = 16;
const CONSUMERS = 4;

function acknowledge(fact: string, bodies: readonly string[]): void {
  if (bodies.length > 0) say(bodies.map((body) => `${fact} ${body}\n`).join(''));
}

async function publish(broker: Broker, topicArn: string, prefix: string): Promise<never> {
  for (let i = 0; ; i += 1) {
    const bodies = [`${prefix}-${i}-a`, `${prefix}-${i}-b`];
    await broker.publish(
      topicArn,
      bodies.map((message) => ({ message })),
    );
    acknowledge('published', bodies);
  }
}

async function consume(broker: Broker, queueArn: string): Promise<never> {
  for (;;) {
    const messages = await broker.receive(queueArn, { maxMessages: 10, waitSeconds: 20 });
    // Every third one stays in flight.
    const done = messages.filter((_message, i) => i % 3 !== 0);
    acknowledge(
      'deleting',
      done.map((message) => message.body),
    );
    await broker.deleteMessages(
      queueArn,
      done.map((message) => message.receiptHandle),
    );
    acknowledge(
      'deleted',
      done.map((message) => message.body),
    );
  }
}

async function main(folder: string, prefix: string): Promise<void> {
  const broker = await Broker.open({ folder });
  const topic = await broker.ensureTopic('events');
  for (const name of ['consumed', 'untouched']) {
    const endpoint = `arn:aws:sqs:us-east-1:000000000000:${name}`;
    await broker.ensureQueue(name, { Policy: allowTopic(topic.arn, endpoint), VisibilityTimeout: '600' });
    const attributes = { RawMessageDelivery: 'true' };
    await broker.ensureSubscription({ topicArn: topic.arn, protocol: 'sqs', endpoint, attributes });
  }
  const consumed = 'arn:aws:sqs:us-east-1:000000000000:consumed';
  const publishers = [...Array(PUBLISHERS).keys()].map((i) => publish(broker, topic.arn, `${prefix}.${i}`));
  const consumers = [...Array(CONSUMERS).keys()].map(() => consume(broker, consumed));
  await Promise.all([...publishers, ...consumers]);
}

void main(process.argv[2]!, process.argv[3]!);
