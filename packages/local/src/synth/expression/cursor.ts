import { ResolveError } from '../../errors';

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };
const SPACE = /(?:\s|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;

/** A place in a source, and what can be read from there. */
export class Cursor {
  protected at = 0;

  constructor(protected readonly source: string) {}

  protected escape(): string {
    const character = this.source[this.at + 1] ?? '';
    const digits = { u: 4, U: 8 }[character];
    if (digits !== undefined) {
      const code = this.source.slice(this.at + 2, this.at + 2 + digits);
      this.at += 2 + digits;
      return String.fromCodePoint(parseInt(code, 16));
    }
    this.at += 2;
    return ESCAPES[character] ?? this.fail(`the escape "\\${character}" is unknown`);
  }

  protected match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.source)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }

  protected space(): void {
    this.match(SPACE);
  }

  protected take(text: string): boolean {
    if (!this.source.startsWith(text, this.at)) {
      return false;
    }
    this.at += text.length;
    return true;
  }

  protected takeToken(text: string): boolean {
    this.space();
    return this.take(text);
  }

  protected expectToken(text: string): void {
    this.space();
    this.expect(text);
  }

  protected expect(text: string): void {
    if (!this.take(text)) {
      this.fail(`"${text}" is missing`);
    }
  }

  protected fail(problem: string): never {
    throw new ResolveError(`${problem}, at character ${this.at + 1} of "${this.source}"`);
  }
}
