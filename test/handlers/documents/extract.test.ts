import fc from 'fast-check';
import { type ContentType, contentTypeOf, extract } from '../../../handlers/documents/extract';

test.each([
  ['a.txt', undefined, 'text/plain'],
  ['a.MD', 'binary/octet-stream', 'text/markdown'],
  ['a/b.csv', 'application/octet-stream', 'text/csv'],
  ['a.json', '', 'application/json'],
  ['a.json', 'Text/Plain; charset=utf-8', 'text/plain'],
  ['a.txt', 'image/png', 'image/png'],
  ['a.exe', undefined, 'application/octet-stream'],
  ['json', undefined, 'application/octet-stream'],
])('the type of %s that came as %s is %s', (key, given, type) => {
  expect(contentTypeOf(key, given)).toBe(type);
});

const titled = (type: ContentType, text: string) => extract('a/name.x', type, Buffer.from(text)).title;

test.each<[ContentType, string, string]>([
  ['text/plain', '\n\n  First line\nsecond', 'First line'],
  ['text/plain', '', 'name.x'],
  ['text/markdown', 'intro\n\n## Second *level* ##\n# First', 'Second *level*'],
  ['text/markdown', 'no heading', 'no heading'],
  ['text/csv', 'id,name\n1,x', 'name.x'],
  ['application/json', '{"title": "Given"}', 'Given'],
  ['application/json', '{"title": 7}', 'name.x'],
  ['application/json', 'null', 'name.x'],
])('the title of %s %j', (type, text, title) => {
  expect(titled(type, text)).toBe(title);
});

test.each([
  ['', 0, 0],
  ['one', 1, 1],
  ['one\n', 1, 1],
  ['one two\n\nthree', 3, 3],
  ['\n', 1, 0],
])('%j has %i lines and %i words', (text, lines, words) => {
  expect(extract('k', 'text/plain', Buffer.from(text))).toMatchObject({ lines, words });
});

test('titles and excerpts are cut between characters, and on one line', () => {
  const { title, excerpt } = extract('k', 'text/plain', Buffer.from('😀'.repeat(300)));
  expect([title, excerpt]).toEqual(['😀'.repeat(120), '😀'.repeat(200)]);
});

test('a line of megabytes takes no longer than it has to', () => {
  const hostile = Buffer.from(`# ${'# '.repeat(1_000_000)}`);
  expect(extract('k', 'text/markdown', hostile)).toMatchObject({ status: 'taken-in', lines: 1 });
});

test('any bytes give something that the table takes', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom<ContentType>('text/plain', 'text/markdown', 'text/csv', 'application/json'),
      (bytes, type) => {
        const document = extract('incoming/file', type, bytes);
        expect(document.title).not.toBe('');
        expect(document.title).not.toMatch(/\n/);
        expect([...(document.excerpt ?? '')].length).toBeLessThanOrEqual(200);
        expect(document.bytes).toBe(bytes.length);
      },
    ),
  );
});
