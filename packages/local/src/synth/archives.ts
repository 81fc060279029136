import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve, sep } from 'node:path';
import { zipSync } from 'fflate';
import { ResolveError } from '../errors';
import { globPattern } from './glob';
import type { Fields } from './fields';
import type { Json } from './json';
import type { Module } from './module';

/** A zip file of the stack, made here. */
export interface Archive {
  readonly bytes: Uint8Array;
  /** The file or the folder that it is made of; undefined where its content is in the stack. */
  readonly source: string | undefined;
}

/** The least time that a zip file can hold: the same bytes from the same sources, whenever they are zipped. */
const EPOCH = new Date(1980, 0, 1);

/** What `archive_file`s make of their sources. They are not written where Terraform would write them. */
export class Archives {
  private readonly known = new Map<string, Archive>();
  private outputs: ReadonlyMap<string, { readonly fields: Fields; readonly folder: string }> | undefined;

  constructor(private readonly modules: () => readonly Module[]) {}

  /** The archive that the stack writes to an absolute path; undefined where none does. */
  at(path: string): Archive | undefined {
    const found = this.declared().get(path);
    return found && this.of(found.fields, found.folder);
  }

  /** @throws ResolveError where a source cannot be read */
  of(fields: Fields, folder: string): Archive {
    const known = this.known.get(fields.where);
    if (known !== undefined) {
      return known;
    }
    const archive = zip(fields, folder);
    this.known.set(fields.where, archive);
    return archive;
  }

  /** An attribute that is computed of the archive; undefined for every other. */
  attribute(fields: Fields, folder: string, name: string): Json | undefined {
    const compute = Object.hasOwn(ATTRIBUTES, name) ? ATTRIBUTES[name] : undefined;
    return compute?.(this.of(fields, folder).bytes);
  }

  private declared() {
    this.outputs ??= new Map(
      this.modules().flatMap((module) => {
        const { folder } = module.call.stack;
        return [...module.dataFields('archive_file'), ...module.resources('archive_file')].map(
          (fields) => [resolve(folder, fields.text('output_path')), { fields, folder }] as const,
        );
      }),
    );
    return this.outputs;
  }
}

const digest = (algorithm: string, encoding: 'hex' | 'base64') => (bytes: Uint8Array) =>
  createHash(algorithm).update(bytes).digest(encoding);

const ATTRIBUTES: Readonly<Record<string, (bytes: Uint8Array) => Json>> = {
  id: digest('sha1', 'hex'),
  output_base64sha256: digest('sha256', 'base64'),
  output_base64sha512: digest('sha512', 'base64'),
  output_md5: digest('md5', 'hex'),
  output_sha: digest('sha1', 'hex'),
  output_sha256: digest('sha256', 'hex'),
  output_sha512: digest('sha512', 'hex'),
  output_size: (bytes) => bytes.length,
};

function zip(fields: Fields, folder: string): Archive {
  const type = fields.optionalText('type') ?? 'zip';
  if (type !== 'zip') {
    throw new ResolveError(`${fields.where}: an archive of type "${type}" is not made here, zip is`);
  }
  const { files, source } = contentsOf(fields, folder);
  const names = Object.keys(files).sort();
  const entries = names.map((name) => [name, [files[name]!, { mtime: EPOCH }]] as const);
  // Storing is quicker than packing, and the code is unpacked at once.
  return {
    bytes: zipSync(Object.fromEntries(entries) as Parameters<typeof zipSync>[0], { level: 0 }),
    source,
  };
}

function contentsOf(fields: Fields, folder: string): { files: Record<string, Uint8Array>; source?: string } {
  const file = fields.optionalText('source_file');
  if (file !== undefined) {
    const path = resolve(folder, file);
    return { files: { [basename(path)]: read(path, fields) }, source: path };
  }
  const directory = fields.optionalText('source_dir');
  if (directory !== undefined) {
    const path = resolve(folder, directory);
    return { files: filesIn(path, fields), source: path };
  }
  const content = fields.optionalText('source_content');
  const blocks = fields.blocks('source').map((block) => [block.text('filename'), block.text('content')]);
  const texts =
    content === undefined ? blocks : [...blocks, [fields.text('source_content_filename'), content]];
  return { files: Object.fromEntries(texts.map(([name, text]) => [name!, Buffer.from(text!)])) };
}

function filesIn(folder: string, fields: Fields): Record<string, Uint8Array> {
  const excluded = fields.texts('excludes').map((glob) => ({ glob, pattern: globPattern(glob) }));
  const isExcluded = (name: string) =>
    excluded.some(
      ({ glob, pattern }) => pattern.test(name) || name.startsWith(`${glob.replace(/\/$/, '')}/`),
    );
  const files: Record<string, Uint8Array> = {};
  for (const path of walk(folder, fields)) {
    const name = relative(folder, path).split(sep).join('/');
    if (!isExcluded(name)) files[name] = read(path, fields);
  }
  return files;
}

function walk(folder: string, fields: Fields): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    throw new ResolveError(`${fields.where}: the folder ${folder} cannot be read`);
  }
}

function read(path: string, fields: Fields): Uint8Array {
  try {
    return readFileSync(path);
  } catch {
    throw new ResolveError(`${fields.where}: the file ${path} cannot be read`);
  }
}
