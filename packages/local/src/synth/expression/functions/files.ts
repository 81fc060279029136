import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { ResolveError } from '../../../errors';
import type { Scope } from '../evaluate';
import { valueOf } from '../evaluate';
import { globPattern } from '../../glob';
import { parseTemplate } from '../parser';
import type { Value } from '../values';
import { map, text } from '../values';
import type { TerraformFunction } from './types';
import { pure } from './types';

/** Functions of the file system. Relative names start at the stack's folder, as Terraform runs there. */
export const files: Readonly<Record<string, TerraformFunction>> = {
  abspath: ([path], { folder }) => resolve(folder, text(path)),
  basename: pure((path) => basename(text(path))),
  dirname: pure((path) => dirname(text(path))),
  pathexpand: pure((path) => text(path).replace(/^~(?=\/|$)/, homedir())),
  file: ([path], scope) => read(path, scope).toString(),
  filebase64: ([path], scope) => read(path, scope).toString('base64'),
  filebase64sha256: ([path], scope) => hash('sha256', path, scope).digest('base64'),
  filebase64sha512: ([path], scope) => hash('sha512', path, scope).digest('base64'),
  fileexists: ([path], scope) => existsSync(resolve(scope.folder, text(path))),
  filemd5: ([path], scope) => hash('md5', path, scope).digest('hex'),
  fileset: ([path, pattern], scope) => fileSet(resolve(scope.folder, text(path)), text(pattern)),
  filesha1: ([path], scope) => hash('sha1', path, scope).digest('hex'),
  filesha256: ([path], scope) => hash('sha256', path, scope).digest('hex'),
  filesha512: ([path], scope) => hash('sha512', path, scope).digest('hex'),
  templatefile: ([path, names], scope) => template(read(path, scope).toString(), names, scope),
  templatestring: ([source, names], scope) => template(text(source), names, scope),
};

function read(path: Value | undefined, { folder, readFile }: Scope): Buffer {
  const file = resolve(folder, text(path));
  const made = readFile?.(file);
  if (made !== undefined) {
    return Buffer.from(made);
  }
  try {
    return readFileSync(file);
  } catch {
    throw new ResolveError(`the file ${file} cannot be read`);
  }
}

function hash(algorithm: string, path: Value | undefined, scope: Scope) {
  return createHash(algorithm).update(read(path, scope));
}

function fileSet(folder: string, pattern: string): Value {
  const matches = globPattern(pattern);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((name) => matches.test(name))
    .sort();
}

/** A template sees the names that it is given, and no others. */
function template(source: string, names: Value | undefined, { folder }: Scope): Value {
  const given = map(names);
  const root = (name: string): Value =>
    Object.hasOwn(given, name) ? given[name]! : unknown(`the template is not given "${name}"`);
  return valueOf(parseTemplate(source), { folder, root });
}

function unknown(problem: string): never {
  throw new ResolveError(problem);
}
