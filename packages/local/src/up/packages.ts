import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import type { Fields, Resolver, Resource } from '../synth';
import type { DataFolder } from './data-folder';

/** Where a function's code is, or why it cannot run here. */
export type CodeSource =
  { readonly file: string } | { readonly bytes: Uint8Array } | { readonly problem: string };

/** The resource types that put a file into a bucket; the second is the older name. */
const OBJECTS = ['aws_s3_object', 'aws_s3_bucket_object'];

/** Why a function cannot run on this machine; undefined where it can. */
export function functionProblem(fn: Resource, resolver: Resolver): string | undefined {
  const image = fn.optionalText('image_uri');
  if (image !== undefined) {
    return `container images are not hosted (${image})`;
  }
  const runtime = fn.optionalText('runtime') ?? '';
  if (!runtime.startsWith('nodejs')) {
    return `the runtime "${runtime}" is not hosted, nodejs is`;
  }
  const source = codeSource(fn, resolver);
  return 'problem' in source ? source.problem : undefined;
}

/** The package of a function or of a layer: a file, a zip that the stack makes, or an object that the stack puts into S3. */
export function codeSource(resource: Resource, resolver: Resolver): CodeSource {
  const bucket = resource.optionalText('s3_bucket');
  if (bucket === undefined) {
    return fileSource(resource.text('filename'), resource, resolver);
  }
  const key = resource.text('s3_key');
  const object = resolver
    .resources(...OBJECTS)
    .find((each) => each.text('bucket') === bucket && each.text('key') === key);
  if (object === undefined) {
    return { problem: `its code s3://${bucket}/${key} is no aws_s3_object of the stack` };
  }
  const content = object.optionalText('content_base64');
  return content === undefined
    ? fileSource(object.text('source'), object, resolver)
    : { bytes: Buffer.from(content, 'base64') };
}

function fileSource(name: string, { folder }: Resource, { archives }: Resolver): CodeSource {
  const file = resolve(folder, name);
  const made = archives.at(file);
  return made === undefined ? { file } : { bytes: made.bytes };
}

/** The zip file to run: what the stack makes is kept in the data folder, and what cannot run is a function that says so. */
export function zipFileOf(
  { resource, problem }: { readonly resource: Resource; readonly problem?: string },
  resolver: Resolver,
  data: DataFolder,
): string {
  const source = problem === undefined ? codeSource(resource, resolver) : { bytes: stub(resource, problem) };
  return 'file' in source
    ? source.file
    : keep('bytes' in source ? source.bytes : stub(resource, source.problem), data);
}

/** Written under the hash of its content. */
function keep(bytes: Uint8Array, data: DataFolder): string {
  const name = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
  const file = data.at('archives', `${name}.zip`);
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
  return file;
}

/** The content of a layer's zip file. @throws where it cannot be read */
export function layerBytes(layer: Resource, resolver: Resolver): Uint8Array | undefined {
  const source = codeSource(layer, resolver);
  if ('problem' in source) {
    return undefined;
  }
  return 'file' in source ? readFileSync(source.file) : source.bytes;
}

/** Type of the error that calls of a function that cannot run here get. */
export const NOT_HOSTED = 'Runtime.NotHosted';
/** Handler of what stands in for such a function. */
export const STUB_HANDLER = 'index.handler';

function stub(fn: Fields, problem: string): Uint8Array {
  const message = JSON.stringify(`${fn.where} cannot run on this machine: ${problem}`);
  const code = `exports.handler = async () => {
  const error = new Error(${message});
  error.name = '${NOT_HOSTED}';
  error.stack = '';
  throw error;
};
`;
  return zipSync({ 'index.js': [strToU8(code), { mtime: new Date(1980, 0, 1) }] });
}
