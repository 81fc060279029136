import type { Kinesis, KinesisOptions } from './kinesis';

/** Kinesis, loaded and opened when it is first needed: many stacks have no stream. */
export class LazyKinesis {
  private opening: Promise<Kinesis> | undefined;

  constructor(private readonly options: KinesisOptions) {}

  get(): Promise<Kinesis> {
    this.opening ??= this.open();
    return this.opening;
  }

  async close(): Promise<void> {
    // Who needed it was told of what kept it from opening.
    const opened = await this.opening?.catch(() => undefined);
    await opened?.close();
  }

  private async open(): Promise<Kinesis> {
    const { Kinesis } = await import('./kinesis');
    return Kinesis.open(this.options);
  }
}
