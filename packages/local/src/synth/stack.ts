import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UserError } from '../errors';
import type { Json, JsonObject } from './json';
import { blocksOf, isObject } from './json';
import { dependenciesOf } from './remote-state';

type Bodies = Readonly<Record<string, Readonly<Record<string, JsonObject>>>>;

/** A module in Terraform's JSON syntax, merged over its files, nothing resolved yet. */
export interface ModuleDocument {
  /** Where its files are. */
  readonly folder: string;
  /** Type -> logical name -> body. */
  readonly resources: Bodies;
  readonly data: Bodies;
  readonly locals: JsonObject;
  readonly variables: Readonly<Record<string, JsonObject>>;
  readonly outputs: Readonly<Record<string, JsonObject>>;
  readonly providers: readonly JsonObject[];
  /** The modules that it calls. @default {} */
  readonly modules?: Readonly<Record<string, JsonObject>>;
}

/** One synthesized stack: the root module. Its relative file names (`filename` of a function) start at its folder. */
export interface StackDocument extends ModuleDocument {
  readonly name: string;
  /** In front of addresses, where the app has several stacks: logical names may be the same in two. @default '' */
  readonly qualifier?: string;
  /** Variables that files give: `terraform.tfvars.json`, `*.auto.tfvars.json`. @default {} */
  readonly given?: JsonObject;
  /** Where its state is kept. @default the local backend */
  readonly backend?: { readonly type: string; readonly settings: JsonObject };
}

interface Manifest {
  readonly stacks: Readonly<Record<string, { readonly synthesizedStackPath: string }>>;
}

/**
 * Reads the stacks of a CDKTF output folder, or the one of a folder with plain `*.tf.json` files: each after those whose
 * state it reads.
 *
 * @param wanted which stacks, where the app has more than one; none means all
 * @throws {@link UserError} where there is no such stack, or one is wanted without one that it reads from
 */
export function readStacks(folder: string, wanted: readonly string[] = []): StackDocument[] {
  const manifest = join(folder, 'manifest.json');
  if (!existsSync(manifest)) {
    return [readPlainStack(folder)];
  }
  const { stacks } = JSON.parse(readFileSync(manifest, 'utf8')) as Manifest;
  const several = Object.keys(stacks).length > 1;
  const all = Object.entries(stacks).map(([name, { synthesizedStackPath }]): StackDocument => {
    const file = join(folder, synthesizedStackPath);
    const parts = parse([file]);
    return { ...parseStack(name, dirname(file), parts), qualifier: several ? name : '' };
  });
  const chosen = choose(all, wanted);
  return inOrder(chosen, all);
}

function choose(all: readonly StackDocument[], wanted: readonly string[]): StackDocument[] {
  const known =
    all.length === 0 ? 'the app has none' : `the app has ${all.map(({ name }) => name).join(', ')}`;
  const missing = wanted.find((name) => !all.some((stack) => stack.name === name));
  if (missing !== undefined) {
    throw new UserError(`No stack "${missing}": ${known}`);
  }
  if (all.length === 0) {
    throw new UserError('The app has no stack');
  }
  return all.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
}

/** @throws {@link UserError} where a stack reads from one that is not among them */
function inOrder(chosen: readonly StackDocument[], all: readonly StackDocument[]): StackDocument[] {
  const ordered = new Set<StackDocument>();
  const add = (stack: StackDocument, path: readonly StackDocument[]) => {
    if (path.includes(stack)) {
      const names = [...path.slice(path.indexOf(stack)), stack].map(({ name }) => name);
      throw new UserError(`These stacks read each other's outputs in a circle: ${names.join(' -> ')}`);
    }
    for (const name of dependenciesOf(stack, all)) {
      const needed = chosen.find((each) => each.name === name);
      if (needed === undefined) {
        throw new UserError(`The stack ${stack.name} reads outputs of ${name}: add --stack ${name}`);
      }
      add(needed, [...path, stack]);
    }
    ordered.add(stack);
  };
  chosen.forEach((stack) => add(stack, []));
  return [...ordered];
}

function readPlainStack(folder: string): StackDocument {
  const files = jsonFiles(folder);
  if (files.length === 0) {
    throw new UserError(`${folder} has neither a cdktf.json nor a *.tf.json file`);
  }
  refuseHcl(folder);
  return { ...parseStack(basename(folder), folder, parse(files)), given: variableFiles(folder) };
}

/** Reads a module that is called. */
export function readModule(folder: string): ModuleDocument {
  return parseModule(folder, parse(jsonFiles(folder)));
}

/** Why the source of a module cannot be read; undefined where it can. */
export function sourceProblem(body: JsonObject, folder: string): string | undefined {
  const { source } = body;
  if (typeof source !== 'string' || !/^(?:\.{1,2}(?:\/|$)|\/)/.test(source)) {
    return `its source ${JSON.stringify(source)} is not a folder`;
  }
  const path = resolve(folder, source);
  if (!existsSync(path)) {
    return `its folder ${path} does not exist`;
  }
  const hcl = hclFiles(path);
  if (hcl.length > 0) {
    return `it is written in HCL (${hcl[0]}), of which only the JSON syntax is read`;
  }
  return jsonFiles(path).length === 0 ? `its folder ${path} has no *.tf.json file` : undefined;
}

/** @throws {@link UserError} where a folder has files in HCL, which is not read */
export function refuseHcl(folder: string): void {
  const [file] = hclFiles(folder);
  if (file !== undefined) {
    throw new UserError(
      `${join(folder, file)} is HCL, which is not read: write it in JSON (${file}.json), or synthesize the stack with CDKTF`,
    );
  }
}

function hclFiles(folder: string): string[] {
  return readdirSync(folder).filter((file) => file.endsWith('.tf'));
}

function jsonFiles(folder: string): string[] {
  const names = readdirSync(folder).filter((file) => file.endsWith('.tf.json'));
  // An override is merged over what it overrides.
  const isOverride = (file: string) => /(?:^|_)override\.tf\.json$/.test(file);
  return [...names.filter((file) => !isOverride(file)).sort(), ...names.filter(isOverride).sort()].map(
    (file) => join(folder, file),
  );
}

/** `terraform.tfvars.json`, and over it `*.auto.tfvars.json` by name. @throws {@link UserError} */
function variableFiles(folder: string): JsonObject {
  const names = readdirSync(folder);
  const hcl = names.find((file) => file === 'terraform.tfvars' || file.endsWith('.auto.tfvars'));
  if (hcl !== undefined) {
    throw new UserError(`${join(folder, hcl)} is HCL, which is not read: write it in JSON (${hcl}.json)`);
  }
  const files = [
    ...names.filter((file) => file === 'terraform.tfvars.json'),
    ...names.filter((file) => file.endsWith('.auto.tfvars.json')).sort(),
  ];
  return Object.assign({}, ...parse(files.map((file) => join(folder, file)))) as JsonObject;
}

function parse(files: readonly string[]): JsonObject[] {
  return files.map((file) => {
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as JsonObject;
    } catch (error) {
      throw new UserError(`${file} is not valid JSON: ${(error as Error).message}`);
    }
  });
}

function parseStack(name: string, folder: string, parts: readonly JsonObject[]): StackDocument {
  return { name, ...parseModule(folder, parts), backend: backendOf(parts) };
}

function backendOf(parts: readonly JsonObject[]): StackDocument['backend'] {
  const settings = parts.flatMap((part) => blocksOf(part['terraform']));
  const [cloud] = settings.flatMap((each) => blocksOf(each['cloud']));
  if (cloud !== undefined) {
    return { type: 'cloud', settings: cloud };
  }
  const [backend] = settings.flatMap((each) => blocksOf(each['backend'])).flatMap(entries);
  return backend && { type: backend[0], settings: blocksOf(backend[1])[0] ?? {} };
}

function parseModule(folder: string, parts: readonly JsonObject[]): ModuleDocument {
  const named = (block: string) =>
    Object.assign({}, ...parts.flatMap((part) => blocksOf(part[block]))) as Record<string, JsonObject>;
  return {
    folder,
    resources: bodies(parts, 'resource'),
    data: bodies(parts, 'data'),
    locals: named('locals'),
    variables: named('variable'),
    outputs: named('output'),
    providers: parts
      .flatMap((part) => blocksOf(part['provider']))
      .flatMap((provider) => blocksOf(provider['aws'])),
    modules: named('module'),
  };
}

function bodies(parts: readonly JsonObject[], block: string): Bodies {
  const result: Record<string, Record<string, JsonObject>> = {};
  for (const [type, named] of parts.flatMap((part) => blocksOf(part[block])).flatMap(entries)) {
    for (const [name, body] of blocksOf(named).flatMap(entries)) {
      const [instance] = blocksOf(body);
      if (instance !== undefined && isObject(instance)) {
        const former = result[type]?.[name];
        (result[type] ??= {})[name] = former === undefined ? instance : { ...former, ...instance };
      }
    }
  }
  return result;
}

function entries(object: JsonObject): [string, Json][] {
  return Object.entries(object).filter(([name]) => name !== '//');
}
