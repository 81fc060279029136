import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { unzipSync } from 'fflate';
import type { Reporter } from '../contracts';
import { UserError } from '../errors';
import type { Resolver, Resource } from '../synth';
import type { DataFolder } from './data-folder';
import type { StackFunction } from './functions';
import { layerBytes } from './packages';

/**
 * Where Lambda has layers at /opt, a function here has a folder of its own: modules are found in it as on Lambda, by `require`
 * and by `import`, also under their absolute names. Other files in /opt are at `process.env.AWS_MICRO_OPT`.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-layers.html
 */
const HOOKS = `import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
const opt = process.env.AWS_MICRO_OPT;
const fromOpt = process.env.NODE_PATH.split(':').map((folder) => createRequire(join(folder, 'x.js')));
const layered = (specifier) => {
  for (const require of fromOpt) {
    try {
      return require.resolve(specifier);
    } catch {}
  }
};
export async function resolve(specifier, context, next) {
  if (specifier.startsWith('/opt/')) return next(pathToFileURL(opt + specifier.slice(4)).href, context);
  try {
    return await next(specifier, context);
  } catch (error) {
    const file = /^[.\\/]|:/.test(specifier) ? undefined : layered(specifier);
    if (file === undefined || !existsSync(file)) throw error;
    return next(pathToFileURL(file).href, context);
  }
}
`;

const PRELOAD = `const Module = require('node:module');
const { pathToFileURL } = require('node:url');
const opt = process.env.AWS_MICRO_OPT;
const original = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  return original.call(this, request.startsWith('/opt/') ? opt + request.slice(4) : request, ...rest);
};
Module.register(pathToFileURL(__dirname + '/hooks.mjs'));
`;

/**
 * Unpacks the layers of a function, later ones over earlier ones.
 *
 * @returns the variables with which its process finds them; none where it has no layers
 * @throws {@link UserError} where a layer's package cannot be used
 */
export function layerEnvironment(
  { name, resource }: StackFunction,
  resolver: Resolver,
  data: DataFolder,
  reporter: Reporter,
): Record<string, string> {
  const packages = resource.texts('layers').flatMap((arn) => {
    const layer = resolver.resources('aws_lambda_layer_version').find((each) => each.id('arn') === arn);
    const bytes = layer && bytesOf(layer, resolver);
    if (bytes === undefined) {
      reporter.warn(name, `the layer ${arn} is not part of the stack: it is not there`);
    }
    return bytes === undefined ? [] : [bytes];
  });
  if (packages.length === 0) {
    return {};
  }
  const opt = unpack(packages, data, resource);
  const major = process.versions.node.split('.')[0];
  const folders = [join(opt, 'nodejs', `node${major}`, 'node_modules'), join(opt, 'nodejs', 'node_modules')];
  return {
    AWS_MICRO_OPT: opt,
    NODE_PATH: folders.join(':'),
    NODE_OPTIONS: `--require ${JSON.stringify(preload(data))}`,
  };
}

function bytesOf(layer: Resource, resolver: Resolver): Uint8Array | undefined {
  try {
    return layerBytes(layer, resolver);
  } catch (error) {
    throw new UserError(`${layer.address}: its package cannot be read: ${(error as Error).message}`);
  }
}

function unpack(packages: readonly Uint8Array[], data: DataFolder, { address }: Resource): string {
  const hash = createHash('sha256');
  packages.forEach((bytes) => hash.update(String(bytes.length)).update(bytes));
  const opt = data.at('layers', hash.digest('hex').slice(0, 32));
  if (existsSync(opt)) {
    return opt;
  }
  const draft = `${opt}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  for (const [name, content] of packages.flatMap((bytes) => Object.entries(unzipped(bytes, address)))) {
    const file = join(draft, name);
    if (!file.startsWith(draft + sep)) {
      throw new UserError(`${address}: a layer holds the unsafe path ${JSON.stringify(name)}`);
    }
    mkdirSync(name.endsWith('/') ? file : dirname(file), { recursive: true });
    if (!name.endsWith('/')) writeFileSync(file, content);
  }
  renameSync(draft, opt);
  return opt;
}

function unzipped(bytes: Uint8Array, address: string): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes);
  } catch (error) {
    throw new UserError(`${address}: a layer is not a readable zip file: ${(error as Error).message}`);
  }
}

function preload(data: DataFolder): string {
  const folder = data.at('layers');
  const file = join(folder, 'preload.cjs');
  writeFileSync(join(folder, 'hooks.mjs'), HOOKS);
  writeFileSync(file, PRELOAD);
  return file;
}
