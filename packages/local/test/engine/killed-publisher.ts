/**
 * Publishes to a subscriber by HTTP until it is killed, and says what was acknowledged: one line a message. Run with the store's
 * folder, a prefix for the messages and the subscriber's URL.
 */
import { writeSync } from 'node:fs';
import { Broker } from '../../src/engine';

const PUBLISHERS = 8;

async function publish(broker: Broker, topicArn: string, prefix: string): Promise<never> {
  for (let i = 0; ; i += 1) {
    await broker.publish(topicArn, [{ message: `${prefix}-${i}` }]);
    writeSync(1, `${prefix}-${i}\n`);
  }
}

async function main(folder: string, prefix: string, endpoint: string): Promise<void> {
  const broker = await Broker.open({ folder });
  const { arn } = await broker.ensureTopic('events');
  const attributes = { RawMessageDelivery: 'true' };
  await broker.ensureSubscription({ topicArn: arn, protocol: 'http', endpoint, attributes });
  await Promise.all([...Array(PUBLISHERS).keys()].map((i) => publish(broker, arn, `${prefix}.${i}`)));
}

void main(process.argv[2]!, process.argv[3]!, process.argv[4]!);
