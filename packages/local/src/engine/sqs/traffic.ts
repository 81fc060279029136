/** What went through a queue since somebody asked last. */
export interface TrafficCounts {
  readonly sent: number;
  readonly received: number;
  readonly deleted: number;
  readonly emptyReceives: number;
  /** Bytes of the messages sent, attributes included. */
  readonly sentBytes: { readonly sum: number; readonly minimum: number; readonly maximum: number };
}

/** Counts what goes through a queue, as CloudWatch's metrics of it do. */
export class Traffic {
  private sent = 0;
  private received = 0;
  private deleted = 0;
  private emptyReceives = 0;
  private bytes = 0;
  private fewestBytes = Infinity;
  private mostBytes = 0;

  send(bytes: number): void {
    this.sent += 1;
    this.bytes += bytes;
    if (bytes < this.fewestBytes) this.fewestBytes = bytes;
    if (bytes > this.mostBytes) this.mostBytes = bytes;
  }

  receive(messages: number): void {
    if (messages === 0) this.emptyReceives += 1;
    else this.received += messages;
  }

  delete(messages: number): void {
    this.deleted += messages;
  }

  /** What was counted since the last time. */
  take(): TrafficCounts {
    const { sent, received, deleted, emptyReceives } = this;
    const sentBytes = { sum: this.bytes, minimum: this.fewestBytes, maximum: this.mostBytes };
    this.sent = this.received = this.deleted = this.emptyReceives = this.bytes = this.mostBytes = 0;
    this.fewestBytes = Infinity;
    return { sent, received, deleted, emptyReceives, sentBytes };
  }
}
