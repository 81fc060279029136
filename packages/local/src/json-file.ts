import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/** A small JSON file that only its owner reads; it is replaced as a whole, so that a kill never leaves half of it. */
export class JsonFile<Content extends object> {
  private current: Content;

  /** @param initial what it holds before anything was written */
  constructor(
    private readonly file: string,
    initial: Content,
  ) {
    this.current = existsSync(file)
      ? { ...initial, ...(JSON.parse(readFileSync(file, 'utf8')) as Partial<Content>) }
      : initial;
  }

  get content(): Content {
    return this.current;
  }

  change(change: Partial<Content>): void {
    this.current = { ...this.current, ...change };
    writeFileSync(`${this.file}.new`, JSON.stringify(this.current), { mode: 0o600 });
    renameSync(`${this.file}.new`, this.file);
  }
}
