import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as modules from '../../modules';
import { compile } from '../support/compile';

const MODULES = path.join(__dirname, '..', '..', 'modules');

/** What the examples take for granted. */
const GIVEN = `
declare const scope: Construct;
declare const network: Network;
declare const key: EncryptionKey;
declare const topic: Topic;
declare const queue: Queue;
declare const fn: LambdaFunction;
declare const api: HttpApi;
`;

interface Example {
  readonly file: string;
  readonly code: string;
}

/** The code after each `@example` in a class comment. */
function examples(): Example[] {
  return readdirSync(MODULES).flatMap((file) => {
    const text = readFileSync(path.join(MODULES, file), 'utf8');
    return [...text.matchAll(/^ \* @example\n((?: \*.*\n)+?) \*\//gm)].map(([, lines = '']) => ({
      file,
      code: lines.replaceAll(/^ \* ?/gm, ''),
    }));
  });
}

/** An example uses the public surface only; what it does not need of it is left unused. */
function program(code: string): string {
  const names = Object.keys(modules).filter((name) => new RegExp(`\\b${name}\\b`).test(GIVEN + code));
  return [
    "import path from 'node:path';",
    "import type { Construct } from 'constructs';",
    `import { ${names.join(', ')} } from '../../modules';`,
    GIVEN,
    `export function example() {\n${code}\n}`,
  ].join('\n');
}

/** Classes that `modules/index.ts` exports, by the file they are in. */
function publicClasses(): string[] {
  return readdirSync(MODULES).filter((file) => {
    const [, name = ''] = /^export class (\w+)/m.exec(readFileSync(path.join(MODULES, file), 'utf8')) ?? [];
    return name in modules;
  });
}

test('every public class has an example', () => {
  expect(examples().map(({ file }) => file)).toEqual(publicClasses());
});

test('every example compiles', () => {
  const programs = examples().map(({ file, code }): [string, string] => [
    path.join(__dirname, `example of ${file}`),
    program(code),
  ]);
  expect(compile(new Map(programs))).toEqual([]);
}, 60_000);
