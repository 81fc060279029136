const INITIAL_CAPACITY = 1024;
const ID_BYTES = 16;

/** What was answered to the first message that came with a deduplication id. */
export interface Accepted {
  /** A UUID. */
  readonly messageId: string;
  /** Of the message's `sequenceNumber`; see `sequenceNumber()`. */
  readonly sequence: number;
}

/** Answers in the order in which they were given, 32 bytes each: there may be hundreds of thousands. */
export class AcceptedRing {
  private ids = Buffer.alloc(INITIAL_CAPACITY * ID_BYTES);
  private sequences = new Float64Array(INITIAL_CAPACITY);
  private ends = new Float64Array(INITIAL_CAPACITY);
  private oldest = 0;
  private next = 0;

  /** Keeps an answer until a time in milliseconds since the epoch; returns the number under which it is found. */
  add({ messageId, sequence }: Accepted, end: number): number {
    if (this.next - this.oldest === this.ends.length) this.grow();
    const place = this.place(this.next);
    this.ids.write(messageId.replaceAll('-', ''), place * ID_BYTES, 'hex');
    this.sequences[place] = sequence;
    this.ends[place] = end;
    this.next += 1;
    return this.next - 1;
  }

  get(number: number): Accepted {
    const place = this.place(number);
    const hex = this.ids.toString('hex', place * ID_BYTES, (place + 1) * ID_BYTES);
    const messageId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    return { messageId, sequence: this.sequences[place]! };
  }

  endOf(number: number): number {
    return this.ends[this.place(number)]!;
  }

  /** Makes room: this answer and those before it are no longer needed. */
  forget(number: number): void {
    this.oldest = number + 1;
  }

  private place(number: number): number {
    return number & (this.ends.length - 1);
  }

  private grow(): void {
    const { ids, sequences, ends, oldest } = this;
    const capacity = ends.length * 2;
    this.ids = Buffer.alloc(capacity * ID_BYTES);
    this.sequences = new Float64Array(capacity);
    this.ends = new Float64Array(capacity);
    for (let number = oldest; number < this.next; number += 1) {
      const from = number & (ends.length - 1);
      const to = this.place(number);
      ids.copy(this.ids, to * ID_BYTES, from * ID_BYTES, (from + 1) * ID_BYTES);
      this.sequences[to] = sequences[from]!;
      this.ends[to] = ends[from]!;
    }
  }
}
