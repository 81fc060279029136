import type { S3, S3Options } from './s3';

export interface LazyS3Options extends S3Options {
  /** Of an access key that was handed out here; undefined for others. */
  readonly secretOf: (accessKeyId: string) => string | undefined;
}

/** S3, loaded and opened when it is first needed. */
export class LazyS3 {
  private opening: Promise<S3> | undefined;
  /** Undefined until it was needed. */
  opened: S3 | undefined;
  private begin: ((s3: S3) => void) | undefined;

  constructor(private readonly options: LazyS3Options) {}

  get(): Promise<S3> {
    this.opening ??= this.open();
    return this.opening;
  }

  /** Calls back once it is open, or at once. */
  onOpen(begin: (s3: S3) => void): void {
    this.begin = begin;
    if (this.opened !== undefined) begin(this.opened);
  }

  secretOf(accessKeyId: string): string | undefined {
    return this.options.secretOf(accessKeyId);
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.options.clock.now();
  }

  async close(): Promise<void> {
    // Who needed it was told of what kept it from opening.
    const opened = await this.opening?.catch(() => undefined);
    await opened?.close();
  }

  private async open(): Promise<S3> {
    const { S3 } = await import('./s3');
    const opened = await S3.open(this.options);
    this.opened = opened;
    this.begin?.(opened);
    return opened;
  }
}
