/** Where a text stops being JSON. Line and column count from 1, the column in UTF-16 units. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
  readonly line: number;
  readonly column: number;

  constructor(text: string, offset: number) {
    const before = text.slice(0, offset);
    const line = before.split('\n').length;
    const column = offset - before.lastIndexOf('\n');
    const found = offset < text.length ? 'unexpected character' : 'unexpected end';
    super(`${found} at line ${line}, column ${column}`);
    this.line = line;
    this.column = column;
  }
}

/** JSON.parse, but its error has a position: V8 gives one for some mistakes only, and quotes the text instead. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new JsonSyntaxError(text, errorOffset(text));
  }
}

type Expected = 'value' | 'valueOrEnd' | 'key' | 'keyOrEnd' | 'colon' | 'commaOrEnd' | 'end';

const NUMBER_OR_NAME = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** Offset of the first character that cannot continue JSON; reads every character once. */
function errorOffset(text: string): number {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  let at = 0;
  const afterValue = (): Expected => (open.length === 0 ? 'end' : 'commaOrEnd');
  for (;;) {
    while (at < text.length && ' \t\n\r'.includes(text.charAt(at))) at++;
    const char = text.charAt(at);
    const inside = open.at(-1);
    if (char === '') return at;
    const isValue: boolean = expected === 'value' || expected === 'valueOrEnd';
    const isKey: boolean = expected === 'key' || expected === 'keyOrEnd';
    if (isValue && (char === '{' || char === '[')) {
      open.push(char);
      expected = char === '{' ? 'keyOrEnd' : 'valueOrEnd';
      at++;
    } else if (closes(char, inside, expected)) {
      open.pop();
      expected = afterValue();
      at++;
    } else if (char === '"' && (isKey || isValue)) {
      const { end, closed } = scanString(text, at);
      if (!closed) return end;
      at = end;
      expected = isKey ? 'colon' : afterValue();
    } else if ((char === ':' && expected === 'colon') || (char === ',' && expected === 'commaOrEnd')) {
      expected = char === ':' || inside === '[' ? 'value' : 'key';
      at++;
    } else {
      NUMBER_OR_NAME.lastIndex = at;
      const token = isValue ? NUMBER_OR_NAME.exec(text)?.[0] : undefined;
      if (token === undefined) return at;
      at += token.length;
      expected = afterValue();
    }
  }
}

function closes(char: string, inside: '{' | '[' | undefined, expected: Expected): boolean {
  if (char === '}') return inside === '{' && (expected === 'keyOrEnd' || expected === 'commaOrEnd');
  if (char === ']') return inside === '[' && (expected === 'valueOrEnd' || expected === 'commaOrEnd');
  return false;
}

/** `end` is behind the closing quote, or at the first character that a string may not have. */
function scanString(text: string, start: number): { end: number; closed: boolean } {
  let at = start + 1;
  while (at < text.length) {
    const char = text.charAt(at);
    if (char === '"') return { end: at + 1, closed: true };
    if (char < ' ') return { end: at, closed: false };
    if (char === '\\') {
      ESCAPE.lastIndex = at;
      const escape = ESCAPE.exec(text)?.[0];
      if (escape === undefined) return { end: at, closed: false };
      at += escape.length;
    } else at++;
  }
  return { end: at, closed: false };
}
