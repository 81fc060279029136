import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../errors';
import type { Json, JsonObject } from './json';
import { blocksOf, isObject } from './json';

type Bodies = Readonly<Record<string, Readonly<Record<string, JsonObject>>>>;

/** One synthesized stack: Terraform's JSON syntax, merged over its files, nothing resolved yet. */
export interface StackDocument {
  readonly name: string;
  /** Relative file names of the stack (`filename` of a function) start here. */
  readonly folder: string;
  /** Type -> logical name -> body. */
  readonly resources: Bodies;
  readonly data: Bodies;
  readonly locals: JsonObject;
  readonly variables: Readonly<Record<string, JsonObject>>;
  readonly outputs: Readonly<Record<string, JsonObject>>;
  readonly providers: readonly JsonObject[];
}

interface Manifest {
  readonly stacks: Readonly<Record<string, { readonly synthesizedStackPath: string }>>;
}

/**
 * Reads the stack of a CDKTF output folder, or of a folder with plain `*.tf.json` files.
 *
 * @param wanted which stack, where the app has more than one
 * @throws {@link UserError} where there is no such stack, or several and none was named
 */
export function readStack(folder: string, wanted?: string): StackDocument {
  const manifest = join(folder, 'manifest.json');
  if (existsSync(manifest)) {
    const { stacks } = JSON.parse(readFileSync(manifest, 'utf8')) as Manifest;
    const name = chooseStack(Object.keys(stacks), wanted);
    const file = join(folder, stacks[name]!.synthesizedStackPath);
    return parseStack(name, dirname(file), [file]);
  }
  const files = readdirSync(folder).filter((file) => file.endsWith('.tf.json'));
  if (files.length === 0) {
    throw new UserError(`${folder} has neither a cdktf.json nor a *.tf.json file`);
  }
  return parseStack(
    basename(folder),
    folder,
    files.sort().map((file) => join(folder, file)),
  );
}

function chooseStack(names: readonly string[], wanted: string | undefined): string {
  if (wanted !== undefined && names.includes(wanted)) {
    return wanted;
  }
  const only = names[0];
  if (wanted === undefined && only !== undefined && names.length === 1) {
    return only;
  }
  const known = names.length === 0 ? 'the app has none' : `the app has ${names.join(', ')}`;
  throw new UserError(
    wanted === undefined ? `Which stack? ${known}: name one with --stack` : `No stack "${wanted}": ${known}`,
  );
}

function parseStack(name: string, folder: string, files: readonly string[]): StackDocument {
  const parts = files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as JsonObject);
  const named = (block: string) =>
    Object.assign({}, ...parts.flatMap((part) => blocksOf(part[block]))) as Record<string, JsonObject>;
  return {
    name,
    folder,
    resources: bodies(parts, 'resource'),
    data: bodies(parts, 'data'),
    locals: named('locals'),
    variables: named('variable'),
    outputs: named('output'),
    providers: parts
      .flatMap((part) => blocksOf(part['provider']))
      .flatMap((provider) => blocksOf(provider['aws'])),
  };
}

function bodies(parts: readonly JsonObject[], block: string): Bodies {
  const result: Record<string, Record<string, JsonObject>> = {};
  for (const [type, named] of parts.flatMap((part) => blocksOf(part[block])).flatMap(entries)) {
    for (const [name, body] of blocksOf(named).flatMap(entries)) {
      const [instance] = blocksOf(body);
      if (instance !== undefined && isObject(instance)) {
        (result[type] ??= {})[name] = instance;
      }
    }
  }
  return result;
}

function entries(object: JsonObject): [string, Json][] {
  return Object.entries(object).filter(([name]) => name !== '//');
}
