import { basename, resolve } from 'node:path';
import { ResolveError } from '../errors';
import type { Value } from './expression/values';
import { canonical, Namespace, text } from './expression/values';
import type { Fields } from './fields';
import type { Json } from './json';
import type { StackDocument } from './stack';

/** Arguments of a backend that say which state it is. */
const IDENTITY: Readonly<Record<string, readonly string[]>> = {
  azurerm: ['storage_account_name', 'container_name', 'key'],
  cloud: ['organization', 'workspaces'],
  consul: ['address', 'path'],
  gcs: ['bucket', 'prefix'],
  http: ['address'],
  pg: ['conn_str', 'schema_name'],
  remote: ['organization', 'workspaces'],
  s3: ['bucket', 'key'],
};

/** A backend with its settings, where a stack keeps its state or reads another's. */
interface Place {
  readonly type: string;
  readonly settings: Readonly<Record<string, Json>>;
  readonly folder: string;
}

/** What `data.terraform_remote_state` reads: the outputs of the stack whose backend is the same. */
export class RemoteStates {
  constructor(
    private readonly stacks: readonly StackDocument[],
    private readonly output: (stack: StackDocument, name: string) => Value,
  ) {}

  /** @throws ResolveError where no stack writes the state, or it has no such output */
  attribute(fields: Fields, reader: StackDocument, attribute: string): Value {
    if (attribute !== 'outputs') {
      return fields.optionalText(attribute) ?? null;
    }
    const place = placeOf(fields, reader.folder);
    const writer = this.stacks.find((stack) => writes(stack, place));
    const defaults = fields.block('defaults')?.argumentMap() ?? {};
    return new Namespace(`${fields.where}.outputs`, (name) => {
      if (writer !== undefined && Object.hasOwn(writer.outputs, name)) {
        return this.output(writer, name);
      }
      if (Object.hasOwn(defaults, name)) {
        return defaults[name]!;
      }
      throw new ResolveError(
        writer === undefined
          ? `${fields.where} reads the state ${wordsFor(place)}, which no stack here writes`
          : `the stack ${writer.name} has no output "${name}", which ${fields.where} reads`,
      );
    });
  }
}

/** Names of the stacks whose state a stack reads. Backends are literal: they are compared as they are written. */
export function dependenciesOf(stack: StackDocument, stacks: readonly StackDocument[]): string[] {
  const readers = Object.values(stack.data['terraform_remote_state'] ?? {});
  return readers.flatMap((body) => {
    const { backend, config } = body;
    const settings = Array.isArray(config) ? (config as readonly Json[])[0] : config;
    const place = {
      type: text(backend),
      settings: (settings ?? {}) as Place['settings'],
      folder: stack.folder,
    };
    return stacks.filter((each) => each !== stack && writes(each, place)).map(({ name }) => name);
  });
}

function placeOf(fields: Fields, folder: string): Place {
  return { type: fields.text('backend'), settings: fields.block('config')?.argumentMap() ?? {}, folder };
}

function writes(stack: StackDocument, place: Place): boolean {
  const own = stack.backend ?? { type: 'local', settings: {} };
  if (own.type !== place.type) {
    return (
      own.type === 'cloud' && place.type === 'remote' && identity({ ...own, folder: '' }) === identity(place)
    );
  }
  return identity({ ...own, folder: stack.folder }) === identity(place);
}

function identity({ type, settings, folder }: Place): string {
  if (type === 'local') {
    return resolve(folder, text(settings['path'] ?? 'terraform.tfstate'));
  }
  const names = Object.hasOwn(IDENTITY, type) ? IDENTITY[type]! : Object.keys(settings).sort();
  return canonical(names.map((name) => settings[name] ?? null));
}

function wordsFor({ type, settings }: Place): string {
  const names = type === 'local' ? ['path'] : (IDENTITY[type] ?? []);
  const values = names.flatMap((name) => (typeof settings[name] === 'string' ? [settings[name]] : []));
  return `${type} ${type === 'local' ? values.map((path) => basename(path)).join('/') : values.join('/')}`.trim();
}
