import { ResolveError } from '../../errors';
import type { BinaryOperator, Expression } from './ast';

const PRECEDENCE: readonly (readonly BinaryOperator[])[] = [
  ['||'],
  ['&&'],
  ['==', '!='],
  ['<=', '>=', '<', '>'],
  ['+', '-'],
  ['*', '/', '%'],
];
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };
const NAME = /[\p{L}_][\p{L}\p{N}_-]*/uy;
const NUMBER = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /(?:\s|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;

/**
 * Parses a string of the JSON syntax: literal text with `${...}` parts, `$${` for a literal `${`. A string that is
 * nothing but one `${...}` keeps the type of its expression.
 *
 * @throws {@link ResolveError} quoting the string where the syntax is not understood
 */
export function parseTemplate(source: string): Expression {
  if (!source.includes('${') && !source.includes('%{')) {
    return { kind: 'literal', value: source };
  }
  return new Parser(source).template(undefined);
}

/** Recursive descent over the characters; the templates inside expressions and the expressions inside templates nest. */
class Parser {
  private at = 0;

  constructor(private readonly source: string) {}

  /** Reads up to `quote` (which is consumed), or to the end of the source where it is undefined. */
  template(quote: '"' | undefined): Expression {
    const parts: Expression[] = [];
    let text = '';
    const flush = () => {
      if (text !== '') {
        parts.push({ kind: 'literal', value: text });
        text = '';
      }
    };
    for (;;) {
      const character = this.source[this.at];
      if (character === undefined || character === quote) {
        if (character !== quote) {
          this.fail('a string is not closed');
        }
        this.at += 1;
        break;
      }
      if (this.take('$${') || this.take('%%{')) {
        text += this.source.slice(this.at - 2, this.at);
      } else if (this.take('${')) {
        flush();
        this.take('~');
        parts.push(this.expression());
        this.space();
        this.take('~');
        this.expect('}');
      } else if (this.source.startsWith('%{', this.at)) {
        this.fail('template directives (%{ if }, %{ for }) are not supported');
      } else if (quote !== undefined && character === '\\') {
        text += this.escape();
      } else {
        text += character;
        this.at += 1;
      }
    }
    flush();
    return parts.length === 1 ? parts[0]! : { kind: 'template', parts };
  }

  expression(): Expression {
    const test = this.binary(0);
    if (!this.takeToken('?')) {
      return test;
    }
    const then = this.expression();
    this.expectToken(':');
    return { kind: 'conditional', test, then, otherwise: this.expression() };
  }

  private binary(level: number): Expression {
    const operators = PRECEDENCE[level];
    if (operators === undefined) {
      return this.unary();
    }
    let left = this.binary(level + 1);
    for (;;) {
      const operator = operators.find((candidate) => this.takeToken(candidate));
      if (operator === undefined) {
        return left;
      }
      left = { kind: 'binary', operator, left, right: this.binary(level + 1) };
    }
  }

  private unary(): Expression {
    this.space();
    const character = this.source[this.at];
    if (character === '!' || character === '-') {
      this.at += 1;
      return { kind: 'unary', operator: character, operand: this.unary() };
    }
    return this.traversal(this.primary());
  }

  private traversal(root: Expression): Expression {
    let node = root;
    for (;;) {
      this.space();
      if (this.take('.*') || this.take('[*]')) {
        const path: string[] = [];
        while (this.source[this.at] === '.') {
          this.at += 1;
          path.push(this.match(NAME) ?? this.fail('a name is missing after "."'));
        }
        node = { kind: 'splat', of: node, path };
      } else if (this.source[this.at] === '.' && this.source[this.at + 1] !== '.') {
        this.at += 1;
        const name = this.match(NAME);
        // `list.0` is the old spelling of `list[0]`.
        const index = name === undefined ? this.match(NUMBER) : undefined;
        if (name !== undefined) {
          node = { kind: 'attribute', of: node, name };
        } else if (index !== undefined) {
          node = { kind: 'index', of: node, key: { kind: 'literal', value: Number(index) } };
        } else {
          this.fail('a name is missing after "."');
        }
      } else if (this.take('[')) {
        const key = this.expression();
        this.expectToken(']');
        node = { kind: 'index', of: node, key };
      } else {
        return node;
      }
    }
  }

  private primary(): Expression {
    this.space();
    if (this.take('"')) {
      const text = this.template('"');
      return text.kind === 'literal' || text.kind === 'template' ? text : { kind: 'template', parts: [text] };
    }
    if (this.take('(')) {
      const inner = this.expression();
      this.expectToken(')');
      return inner;
    }
    if (this.take('[')) {
      return { kind: 'list', items: this.items(']').items };
    }
    if (this.take('{')) {
      return this.map();
    }
    const number = this.match(NUMBER);
    if (number !== undefined) {
      return { kind: 'literal', value: Number(number) };
    }
    return this.named(this.match(NAME) ?? this.fail('an expression is missing'));
  }

  private named(name: string): Expression {
    if (name === 'true' || name === 'false' || name === 'null') {
      return { kind: 'literal', value: name === 'null' ? null : name === 'true' };
    }
    if (name === 'for') {
      this.fail('"for" expressions are not supported');
    }
    if (!this.take('(')) {
      return { kind: 'name', name };
    }
    const { items, expand } = this.items(')');
    return { kind: 'call', name, args: items, expand };
  }

  private items(close: string): { items: Expression[]; expand: boolean } {
    const items: Expression[] = [];
    let expand = false;
    while (!this.takeToken(close)) {
      items.push(this.expression());
      expand = this.takeToken('...');
      if (!this.takeToken(',')) {
        this.expectToken(close);
        break;
      }
    }
    return { items, expand };
  }

  private map(): Expression {
    const entries: [Expression, Expression][] = [];
    while (!this.takeToken('}')) {
      const key = this.expression();
      if (!this.takeToken('=')) {
        this.expectToken(':');
      }
      // A bare name as a key is that name, not a reference.
      entries.push([key.kind === 'name' ? { kind: 'literal', value: key.name } : key, this.expression()]);
      this.takeToken(',');
    }
    return { kind: 'map', entries };
  }

  private escape(): string {
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

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.source)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }

  private space(): void {
    this.match(SPACE);
  }

  private take(text: string): boolean {
    if (!this.source.startsWith(text, this.at)) {
      return false;
    }
    this.at += text.length;
    return true;
  }

  private takeToken(text: string): boolean {
    this.space();
    return this.take(text);
  }

  private expectToken(text: string): void {
    this.space();
    this.expect(text);
  }

  private expect(text: string): void {
    if (!this.take(text)) {
      this.fail(`"${text}" is missing`);
    }
  }

  private fail(problem: string): never {
    throw new ResolveError(`${problem}, at character ${this.at + 1} of "${this.source}"`);
  }
}
