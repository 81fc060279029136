import { invalidParameter } from '../errors';

const NAME = /^[A-Za-z0-9_-]+$/;
const MAX_LENGTH = 256;
const FIFO = '.fifo';

/** https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html @throws ServiceError InvalidParameter */
export function checkTopicName(name: string, fifo: boolean): void {
  const base = fifo && name.endsWith(FIFO) ? name.slice(0, -FIFO.length) : name;
  if (name.length > MAX_LENGTH || fifo !== name.endsWith(FIFO) || !NAME.test(base)) {
    throw invalidParameter('Topic Name');
  }
}
