import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs';
import type { MessagingError } from '../errors';
import { asMessagingError } from '../errors';

/** One entry's failure as an error. */
export function entryError(
  { Code, Message, SenderFault }: BatchResultErrorEntry,
  doing: string,
): MessagingError {
  const status = SenderFault === true ? 400 : 503;
  return asMessagingError({ name: Code, message: Message, $metadata: { httpStatusCode: status } }, doing);
}

/** Before the next try: 100 ms, doubled each time, half of it by chance, so that many senders do not come together. */
export function backOffMs(tries: number): number {
  const most = Math.min(100 * 2 ** (tries - 1), 5_000);
  return Math.round(most / 2 + (Math.random() * most) / 2);
}

/** In groups of up to ten, as batch calls take them. */
export function inTens<T>(items: readonly T[]): T[][] {
  const groups: T[][] = [];
  for (let at = 0; at < items.length; at += 10) groups.push(items.slice(at, at + 10));
  return groups;
}
