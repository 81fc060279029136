import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { unzipSync } from 'fflate';
import type { Reporter } from '../contracts';
import { UserError } from '../errors';
import { OWN_FOLDER } from '../synth';
import type { Resolver, Resource } from '../synth';
import type { DataFolder } from './data-folder';
import type { StackFunction } from './functions';
import { layerBytes } from './packages';

/** Modules that are found neither beside the code nor above it are looked for where `NODE_PATH` says: also by `import`. */
const HOOKS = `import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
const { AWS_MICRO_OPT: opt, NODE_PATH: folders = '' } = process.env;
const requires = folders.split(':').map((folder) => createRequire(join(folder, 'from.js')));
const resolved = (specifier) => {
  for (const { resolve } of requires) {
    try {
      return resolve(specifier);
    } catch {}
  }
};
export async function resolve(specifier, context, next) {
  if (opt && specifier.startsWith('/opt/')) return next(pathToFileURL(opt + specifier.slice(4)).href, context);
  try {
    return await next(specifier, context);
  } catch (error) {
    const file = /^[./]|:/.test(specifier) ? undefined : resolved(specifier);
    if (!file) throw error;
    return next(pathToFileURL(file).href, context);
  }
}
`;

/** `require('/opt/nodejs/x')` is how people name what is in their layers. */
const PRELOAD = `const Module = require('node:module');
const { pathToFileURL } = require('node:url');
const opt = process.env.AWS_MICRO_OPT;
const original = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  return original.call(this, opt && request.startsWith('/opt/') ? opt + request.slice(4) : request, ...rest);
};
Module.register(pathToFileURL(__dirname + '/hooks.mjs'));
`;

export interface ModuleOptions {
  readonly resolver: Resolver;
  /** Of the project. */
  readonly folder: string;
  readonly data: DataFolder;
  readonly reporter: Reporter;
}

/**
 * A function's own variables, and those with which its process finds what Lambda has beside its code: its layers, and the AWS SDK. Layers are
 * in a folder that stands for /opt, `AWS_MICRO_OPT`; the SDK is the project's, or else the one that this runtime has.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-layers.html
 * @throws {@link UserError} where a layer's package cannot be used
 */
export function withModules(
  own: Readonly<Record<string, string>>,
  fn: StackFunction,
  options: ModuleOptions,
): Record<string, string> {
  const found = moduleEnvironment(fn, options);
  const nodeOptions = [found['NODE_OPTIONS'], own['NODE_OPTIONS']].filter((each) => each !== undefined);
  return { ...found, ...own, ...(nodeOptions.length > 0 && { NODE_OPTIONS: nodeOptions.join(' ') }) };
}

function moduleEnvironment(fn: StackFunction, options: ModuleOptions): Record<string, string> {
  const { data } = options;
  const opt = layersOf(fn, options);
  const sdk = sdkFolder(options);
  const folders = [
    ...(opt === undefined ? [] : moduleFolders(opt)),
    ...(sdk === undefined ? [] : [sdk.folder]),
  ];
  const variables: Record<string, string> = {
    // The runtime that the function declares is Lambda's, and says nothing of the Node that is here.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    ...(folders.length > 0 && { NODE_PATH: folders.join(':') }),
  };
  // Functions that are bundled have no use for it, and each thread costs memory.
  const isNeeded = opt !== undefined || sdk?.isOwn === true;
  return isNeeded
    ? {
        ...variables,
        ...(opt !== undefined && { AWS_MICRO_OPT: opt }),
        NODE_OPTIONS: `--require ${JSON.stringify(preload(data))}`,
      }
    : variables;
}

function moduleFolders(opt: string): string[] {
  const major = process.versions.node.split('.')[0];
  return [join(opt, 'nodejs', `node${major}`, 'node_modules'), join(opt, 'nodejs', 'node_modules')];
}

/** Undefined where the code finds it anyway, being below it, and where there is none. */
function sdkFolder({ folder, data }: ModuleOptions): { folder: string; isOwn: boolean } | undefined {
  if (nearestSdk(data.path) !== undefined) {
    return undefined;
  }
  const [project, own] = [nearestSdk(folder), nearestSdk(OWN_FOLDER)];
  const found = project ?? own;
  return found === undefined ? undefined : { folder: found, isOwn: project === undefined };
}

function nearestSdk(folder: string): string | undefined {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const modules = join(at, 'node_modules');
    if (existsSync(join(modules, '@aws-sdk'))) return modules;
    if (dirname(at) === at) return undefined;
  }
}

/** Unpacks the layers of a function, later ones over earlier ones. @returns the folder; undefined where it has none */
function layersOf(
  { name, resource }: StackFunction,
  { resolver, data, reporter }: ModuleOptions,
): string | undefined {
  const packages = resource.texts('layers').flatMap((arn) => {
    const layer = resolver.resources('aws_lambda_layer_version').find((each) => each.id('arn') === arn);
    const bytes = layer && bytesOf(layer, resolver);
    if (bytes === undefined) {
      reporter.warn(name, `the layer ${arn} is not part of the stack: it is not there`);
    }
    return bytes === undefined ? [] : [bytes];
  });
  return packages.length === 0 ? undefined : unpack(packages, data, resource);
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
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'preload.cjs');
  writeFileSync(join(folder, 'hooks.mjs'), HOOKS);
  writeFileSync(file, PRELOAD);
  return file;
}
