import type { BinaryOperator, Expression, ForExpression } from './ast';
import { Cursor } from './cursor';

const PRECEDENCE: readonly (readonly BinaryOperator[])[] = [
  ['||'],
  ['&&'],
  ['==', '!='],
  ['<=', '>=', '<', '>'],
  ['+', '-'],
  ['*', '/', '%'],
];
const NAME = /[\p{L}_][\p{L}\p{N}_-]*/uy;
const NUMBER = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const IF = /if(?=[\s(!"])/y;
const FOR = /for(?=[\s"])/y;
const EMPTY: Expression = { kind: 'literal', value: '' };

/**
 * Parses a string of the JSON syntax: literal text with `${...}` and `%{...}` parts, `$${` for a literal `${`. A string that
 * is nothing but one `${...}` keeps the type of its expression.
 *
 * @throws ResolveError quoting the string where the syntax is not understood
 */
export function parseTemplate(source: string): Expression {
  if (!source.includes('${') && !source.includes('%{')) {
    return { kind: 'literal', value: source };
  }
  return new Parser(source).template(undefined);
}

/** Parses a bare expression, as a variable of a complex type has it in the environment. @throws ResolveError */
export function parseExpression(source: string): Expression {
  return new Parser(source).whole();
}

/** Literal text and expressions, in turn. */
class Parts {
  readonly all: Expression[] = [];
  private text = '';

  add(text: string): void {
    this.text += text;
  }

  flush(trimmed = false): void {
    const text = trimmed ? this.text.trimEnd() : this.text;
    if (text !== '') {
      this.all.push({ kind: 'literal', value: text });
    }
    this.text = '';
  }

  get expression(): Expression {
    this.flush();
    return this.all.length === 1 ? this.all[0]! : { kind: 'template', parts: this.all };
  }
}

/** Recursive descent over the characters; the templates inside expressions and the expressions inside templates nest. */
class Parser extends Cursor {
  whole(): Expression {
    const expression = this.expression();
    this.space();
    return this.at === this.source.length ? expression : this.fail('the expression does not end');
  }

  /** Reads up to `quote` (which is consumed), or to the end of the source where it is undefined. */
  template(quote: '"' | undefined): Expression {
    const { expression, ended } = this.parts(quote);
    if (ended !== undefined) {
      this.fail(`%{ ${ended} } is not expected`);
    }
    return expression;
  }

  /** @returns the parts, and the directive that ended them, if one did */
  private parts(quote: '"' | undefined): { expression: Expression; ended?: string } {
    const parts = new Parts();
    for (;;) {
      const character = this.source[this.at];
      if (character === undefined || character === quote) {
        if (character !== quote) {
          this.fail('a string is not closed');
        }
        this.at += 1;
        return { expression: parts.expression };
      }
      if (this.take('$${') || this.take('%%{')) {
        parts.add(this.source.slice(this.at - 2, this.at));
      } else if (this.take('${')) {
        parts.flush(this.take('~'));
        parts.all.push(this.expression());
        this.closeSequence();
      } else if (this.take('%{')) {
        parts.flush(this.take('~'));
        this.space();
        const word = this.match(NAME);
        if (word !== 'if' && word !== 'for') {
          this.closeSequence();
          return { expression: parts.expression, ended: word ?? '' };
        }
        parts.all.push(word === 'if' ? this.ifDirective(quote) : this.forDirective(quote));
      } else if (quote !== undefined && character === '\\') {
        parts.add(this.escape());
      } else {
        parts.add(character);
        this.at += 1;
      }
    }
  }

  private closeSequence(): void {
    this.space();
    const trims = this.take('~');
    this.expect('}');
    if (trims) {
      this.match(/\s*/y);
    }
  }

  private ifDirective(quote: '"' | undefined): Expression {
    const test = this.expression();
    this.closeSequence();
    const then = this.parts(quote);
    const otherwise = then.ended === 'else' ? this.parts(quote) : { expression: EMPTY, ended: then.ended };
    if (otherwise.ended !== 'endif') {
      this.fail('%{ endif } is missing');
    }
    return { kind: 'conditional', test, then: then.expression, otherwise: otherwise.expression };
  }

  private forDirective(quote: '"' | undefined): Expression {
    const header = this.forHeader();
    this.closeSequence();
    const { expression: value, ended } = this.parts(quote);
    if (ended !== 'endfor') {
      this.fail('%{ endfor } is missing');
    }
    // A directive gives text whatever its body is.
    const items: Expression = {
      ...header,
      key: undefined,
      value: { kind: 'template', parts: [value] },
      condition: undefined,
      grouping: false,
    };
    return { kind: 'call', name: 'join', args: [EMPTY, items], expand: false };
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
        node = { kind: 'splat', of: node, path: this.splatPath(this.source[this.at - 1] === ']') };
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

  /** After `[*]` indexes belong to the elements, after `.*` to the list. */
  private splatPath(full: boolean): Expression[] {
    const path: Expression[] = [];
    for (;;) {
      if (this.source[this.at] === '.') {
        this.at += 1;
        const value = this.match(NAME) ?? this.fail('a name is missing after "."');
        path.push({ kind: 'literal', value });
      } else if (full && this.take('[')) {
        path.push(this.expression());
        this.expectToken(']');
      } else {
        return path;
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
      return this.takeFor() ? this.forList() : { kind: 'list', items: this.items(']').items };
    }
    if (this.take('{')) {
      return this.takeFor() ? this.forMap() : this.map();
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
    if (!this.take('(')) {
      return { kind: 'name', name };
    }
    const { items, expand } = this.items(')');
    return { kind: 'call', name, args: items, expand };
  }

  private takeFor(): boolean {
    this.space();
    return this.match(FOR) !== undefined;
  }

  private forHeader(): Pick<ForExpression, 'kind' | 'keyName' | 'valueName' | 'collection'> {
    const names = [this.forName()];
    if (this.takeToken(',')) {
      names.push(this.forName());
    }
    this.expectToken('in');
    const [keyName, valueName] = names.length === 1 ? [undefined, names[0]!] : [names[0], names[1]!];
    return { kind: 'for', keyName, valueName, collection: this.expression() };
  }

  private forName(): string {
    this.space();
    return this.match(NAME) ?? this.fail('a name is missing after "for"');
  }

  private forList(): ForExpression {
    const header = this.forHeader();
    this.expectToken(':');
    const value = this.expression();
    const condition = this.forCondition();
    this.expectToken(']');
    return { ...header, key: undefined, value, condition, grouping: false };
  }

  private forMap(): ForExpression {
    const header = this.forHeader();
    this.expectToken(':');
    const key = this.expression();
    this.expectToken('=>');
    const value = this.expression();
    const grouping = this.takeToken('...');
    const condition = this.forCondition();
    this.expectToken('}');
    return { ...header, key, value, condition, grouping };
  }

  private forCondition(): Expression | undefined {
    this.space();
    return this.match(IF) === undefined ? undefined : this.expression();
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
}
