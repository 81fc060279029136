/**
 * Moves dead letters of a FIFO queue back, batch by batch, until it is killed or done; says how far it is. Run with the store's
 * folder and the number of messages to begin with, 0 to go on with what is there.
 */
import { Broker } from '../../src/engine';
import { say } from './say';

const FIFO = { FifoQueue: 'true', ContentBasedDeduplication: 'true' };
const GROUPS = 7;

/** Dead letters as a FIFO queue leaves them. */
async function fill(broker: Broker, deadArn: string, sourceArn: string, count: number): Promise<void> {
  const dead = broker.queues.get(deadArn);
  const arrival = { sentAt: Date.now(), availableAt: 0, receiveCount: 1, firstReceivedAt: Date.now() };
  const staged = [...Array(count).keys()].map((i) => {
    const content = { messageId: `m${i}`, body: String(i), attributes: {}, senderId: 'test' };
    return dead.stage({ ...content, groupId: `g${i % GROUPS}`, deadLetterSourceArn: sourceArn }, arrival);
  });
  const operations = staged.flatMap((message) => message.operations);
  await broker.queues.store.commit(operations, () => staged.forEach((message) => message.apply()));
}

async function main(folder: string, count: number): Promise<void> {
  const broker = await Broker.open({ folder });
  const { arn: dead } = await broker.ensureQueue('dead.fifo', FIFO);
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead, maxReceiveCount: 1 });
  const { arn: source } = await broker.ensureQueue('source.fifo', { ...FIFO, RedrivePolicy });
  if (count > 0) {
    await fill(broker, dead, source, count);
    await broker.queues.moves.start({ sourceArn: dead });
  }
  for (;;) {
    const [task] = broker.queues.moves.list(dead, 1);
    if (task?.status !== 'RUNNING') break;
    say(`${task.moved}\n`);
    await broker.queues.store.commit([]);
  }
  await broker.close();
}

void main(process.argv[2]!, Number(process.argv[3]));
