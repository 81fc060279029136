import { UsageError } from '../command';

/** Carried by everything that `setup` makes; its value is the topic's name. */
export const SETUP_TAG = 'aws-micro:setup';

const TOPIC = 'aws-micro-demo';
const QUEUES = ['aws-micro-demo-history', 'aws-micro-demo-email'];
const FIFO = '.fifo';
// https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html and .../AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
const TOPIC_NAME = /^[A-Za-z0-9_-]{1,256}$/;
const QUEUE_NAME = /^[A-Za-z0-9_-]{1,80}$/;
const MAX_NAME = { topic: 256, queue: 80 };

export const topicOption = {
  topic: { type: 'string', value: '<name>', help: `the topic (default: ${TOPIC})` },
} as const;

export const fifoOption = {
  fifo: { type: 'boolean', help: 'FIFO: names get the ending .fifo where they do not have it' },
} as const;

export const queuesOption = {
  queues: { type: 'string', value: '<a,b>', help: `the queues (default: ${QUEUES.join(',')})` },
} as const;

/**
 * The name of the topic.
 * @throws UsageError
 */
export function topicName(given: string | undefined, fifo: boolean): string {
  return checked('topic', given ?? TOPIC, fifo);
}

/**
 * The names of the queues.
 *
 * @param given separated by commas
 * @throws UsageError
 */
export function queueNames(given: string | undefined, fifo: boolean): string[] {
  const names = given === undefined ? QUEUES : given.split(',').map((name) => name.trim());
  const complete = names.map((name) => checked('queue', name, fifo));
  if (new Set(complete).size < complete.length)
    throw new UsageError(`a queue is named twice: ${names.join(',')}`);
  return complete;
}

export function isFifo(name: string): boolean {
  return name.endsWith(FIFO);
}

function checked(kind: 'topic' | 'queue', name: string, fifo: boolean): string {
  const complete = fifo && !isFifo(name) ? name + FIFO : name;
  const base = isFifo(complete) ? complete.slice(0, -FIFO.length) : complete;
  const pattern = kind === 'topic' ? TOPIC_NAME : QUEUE_NAME;
  if (pattern.test(base) && complete.length <= MAX_NAME[kind]) return complete;
  throw new UsageError(
    `"${name}" cannot be the name of a ${kind}: up to ${MAX_NAME[kind]} letters, digits, - and _ are allowed`,
  );
}
