import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { compile } from '../support/compile';

const PROJECT = path.join(__dirname, '..', '..');
const README = readFileSync(path.join(PROJECT, 'README.md'), 'utf8');

/** The TypeScript of the README, in its order: a handler, the service that wires it, and another project's program. */
const [handler = '', service = '', otherProject = ''] = [...README.matchAll(/^```ts\n(.*?)^```$/gms)].map(
  ([, code = '']) => code,
);

test('the code of the README compiles', () => {
  const programs = new Map([
    [path.join(PROJECT, 'handlers/audit/recorder.ts'), handler],
    [path.join(PROJECT, 'services/audit.ts'), service],
    [path.join(PROJECT, 'other-project.ts'), otherProject],
  ]);
  expect(handler).toContain('export function handler');
  expect(service).toContain('class Audit');
  expect(otherProject).toContain('app.synth()');
  expect(compile(programs)).toEqual([]);
}, 60_000);

test('the example service is of about 20 lines', () => {
  expect(service.trim().split('\n').length).toBeLessThanOrEqual(22);
});

test('the scripts that the README names exist', () => {
  const { scripts } = JSON.parse(readFileSync(path.join(PROJECT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const named = [...README.matchAll(/\bnpm run ([\w:]+)/g)].map(([, name = '']) => name);
  expect(named).not.toEqual([]);
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});

test('the files that the documents point to exist', () => {
  const links = [...README.matchAll(/\]\(((?!https?:)[^)#]+)\)/g)].map(([, target = '']) => target);
  expect(links.filter((target) => !existsSync(path.join(PROJECT, target)))).toEqual([]);
});
