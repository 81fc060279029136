import type { Messaging } from '../messaging';

/** Requests over two queues. */
export class Requesters {
  constructor(private readonly messaging: Messaging) {}
}
