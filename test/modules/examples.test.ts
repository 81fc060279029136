import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import * as modules from '../../modules';

const MODULES = path.join(__dirname, '..', '..', 'modules');

/** What the examples take for granted. */
const GIVEN = `
declare const scope: Construct;
declare const network: Network;
declare const key: EncryptionKey;
declare const topic: Topic;
declare const queue: Queue;
declare const fn: LambdaFunction;
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

/** Compiles the examples as files beside this one that exist in memory only. */
function compile(sources: readonly Example[]): string[] {
  const programs = new Map(
    sources.map(({ file, code }) => [path.join(__dirname, `example of ${file}`), program(code)]),
  );
  const options = compilerOptions();
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (file) => programs.has(file) || disk.fileExists(file),
    readFile: (file) => programs.get(file) ?? disk.readFile(file),
    getSourceFile: (file, target) => {
      const text = programs.get(file);
      return text === undefined ? disk.getSourceFile(file, target) : ts.createSourceFile(file, text, target);
    },
  };
  return ts.getPreEmitDiagnostics(ts.createProgram([...programs.keys()], options, host)).map((diagnostic) => {
    const where = path.basename(diagnostic.file?.fileName ?? '');
    return `${where}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')}`;
  });
}

/** An example uses the public surface only; what it does not need of it is left unused. */
function program(code: string): string {
  const names = Object.keys(modules).filter((name) => new RegExp(`\\b${name}\\b`).test(GIVEN + code));
  return [
    "import type { Construct } from 'constructs';",
    `import { ${names.join(', ')} } from '../../modules';`,
    GIVEN,
    `export function example() {\n${code}\n}`,
  ].join('\n');
}

function compilerOptions(): ts.CompilerOptions {
  const config = ts.readConfigFile(path.join(MODULES, '..', 'tsconfig.json'), (file) =>
    ts.sys.readFile(file),
  );
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, path.join(MODULES, '..'));
  return { ...options, noUnusedLocals: false, noEmit: true };
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
  expect(compile(examples())).toEqual([]);
}, 60_000);
