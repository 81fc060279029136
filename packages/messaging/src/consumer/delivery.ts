import type { Message } from '@aws-sdk/client-sqs';

/** How long a message can be kept from others since it was received: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html */
const LONGEST_MS = 12 * 60 * 60 * 1000;

/**
 * Where a received message is: it waits for an earlier one of its group, its handler runs, it is done and is being deleted, or it
 * is not ours any more.
 */
export type DeliveryState = 'waiting' | 'running' | 'done' | 'over';

/** One received message, from its receive to its deletion. */
export class Delivery {
  readonly messageId: string;
  readonly groupId: string | undefined;
  readonly receiveCount: number;
  state: DeliveryState = 'waiting';
  /** Others may have it: the visibility timeout ended while it was here. */
  lost = false;
  receiptHandle: string;
  /** When the heartbeat has to extend the visibility; a call that is under way has taken it out. */
  extendAt: number;
  /** When others see the message unless it is extended. */
  visibleAt: number;
  /** The extension that is under way. */
  extending?: Promise<void>;
  /** Called once, when the message is deleted, or is not. */
  onSettled?: (error?: Error) => void;
  private readonly controller = new AbortController();
  private readonly receivedAt: number;

  constructor(
    readonly raw: Message,
    now: number,
    timing: { readonly visibilityMs: number; readonly heartbeatMs: number; readonly fifo: boolean },
  ) {
    this.messageId = raw.MessageId ?? '';
    // In a standard queue a group makes waiting fair, and orders nothing.
    this.groupId = timing.fifo ? raw.Attributes?.MessageGroupId : undefined;
    this.receiveCount = Number(raw.Attributes?.ApproximateReceiveCount ?? 1);
    this.receiptHandle = raw.ReceiptHandle ?? '';
    this.receivedAt = now;
    this.visibleAt = now + timing.visibilityMs;
    this.extendAt = now + timing.heartbeatMs;
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  abort(reason: Error): void {
    this.controller.abort(reason);
  }

  /** What is left, in whole seconds, of `seconds` from now before SQS lets nobody extend it. */
  allowedSeconds(seconds: number, now: number): number {
    return Math.max(0, Math.min(seconds, Math.floor((this.receivedAt + LONGEST_MS - now) / 1000)));
  }

  /** The same message was received again: this receipt is the one that counts, and the message is ours again. */
  takeOver(again: Delivery): void {
    this.lost = false;
    this.receiptHandle = again.receiptHandle;
    this.visibleAt = again.visibleAt;
    this.extendAt = again.extendAt;
  }

  settled(error?: Error): void {
    this.state = 'over';
    this.onSettled?.(error);
    this.onSettled = undefined;
  }
}
