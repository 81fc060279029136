import { createHmac } from 'node:crypto';
import type { Json } from '../json';
import type { Resource, Resolver } from '../resolver';
import type { Attribute, Attributes } from './types';
import { drawnId } from './types';

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const SETS = {
  lower: LOWER,
  upper: LOWER.toUpperCase(),
  numeric: '0123456789',
  special: '!@#$%&*()-_=+[]{}<>:?',
} as const;
const ADJECTIVES =
  'able apt brave bright calm clear cool eager fair fine full glad grand keen kind live'.split(' ');
const ADVERBS = 'badly barely daily early easily firmly fully gently gladly hardly highly justly'.split(' ');
const ANIMALS = 'ant ape bat bear bee bird boa buck cat clam cod colt cow crab crow deer dog dove'.split(' ');

/**
 * Bytes that look random and are always the same for the same resource, keepers and data folder: what was named by them is
 * found again.
 */
function drawn(resource: Resource, { hosts }: Resolver, length: number): Buffer {
  const key = `${hosts.seed ?? ''} ${resource.address} ${JSON.stringify(resource.textMap('keepers'))}`;
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, index) =>
    createHmac('sha256', key).update(String(index)).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

/** Numbers from 0 up to below the limit, each of four bytes. */
function numbers(resource: Resource, resolver: Resolver, count: number): ((limit: number) => number)[] {
  const bytes = drawn(resource, resolver, count * 4);
  return Array.from({ length: count }, (_, index) => {
    const number = bytes.readUInt32BE(index * 4);
    return (limit) => number % limit;
  });
}

function id(encode: (bytes: Buffer, prefix: string) => string): Attribute {
  return (resource, resolver) =>
    encode(
      drawn(resource, resolver, resource.number('byte_length', 8)),
      resource.optionalText('prefix') ?? '',
    );
}

const text: Attribute = (resource, resolver) => {
  const length = resource.number('length', 16);
  const sets = (Object.keys(SETS) as (keyof typeof SETS)[])
    .filter((name) => resource.flag(name === 'numeric' ? numericArgument(resource) : name, true))
    .map((name) => ({
      characters:
        name === 'special' ? (resource.optionalText('override_special') ?? SETS.special) : SETS[name],
      least: resource.number(`min_${name}`, 0),
    }));
  const all = sets.map(({ characters }) => characters).join('');
  const draws = numbers(resource, resolver, length * 2);
  const needed = sets.flatMap(({ characters, least }) => Array.from({ length: least }, () => characters));
  const letters = Array.from({ length }, (_, index) => {
    const from = needed[index] ?? all;
    return from[draws[index]!(from.length)]!;
  });
  return shuffled(letters, draws.slice(length)).join('');
};

/** The older name of the argument is `number`. */
function numericArgument(resource: Resource): string {
  return resource.optionalText('numeric') === undefined ? 'number' : 'numeric';
}

function shuffled<T>(items: readonly T[], draws: readonly ((limit: number) => number)[]): T[] {
  const result = [...items];
  for (let index = result.length - 1; index > 0; index -= 1) {
    const other = draws[index]!(index + 1);
    [result[index], result[other]] = [result[other]!, result[index]!];
  }
  return result;
}

const pet: Attribute = (resource, resolver) => {
  const length = resource.number('length', 2);
  const draws = numbers(resource, resolver, length);
  const words = draws.map((draw, index) => {
    const list = index === length - 1 ? ANIMALS : index === length - 2 ? ADJECTIVES : ADVERBS;
    return list[draw(list.length)]!;
  });
  const prefix = resource.optionalText('prefix');
  return [...(prefix === undefined ? [] : [prefix]), ...words].join(
    resource.optionalText('separator') ?? '-',
  );
};

const uuid: Attribute = (resource, resolver) => {
  const bytes = drawn(resource, resolver, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};

const integer = (resource: Resource, resolver: Resolver): number => {
  const [least, most] = [resource.number('min', 0), resource.number('max', 0)];
  return least + numbers(resource, resolver, 1)[0]!(most - least + 1);
};

const shuffle: Attribute = (resource, resolver): Json => {
  const input = resource.texts('input');
  const all = shuffled(input, numbers(resource, resolver, input.length));
  return all.slice(0, resource.number('result_count', all.length));
};

/** Terraform's own resources, and those of its small providers: `random`, `null`, `local`, `time`. */
export const random: Readonly<Record<string, Attributes>> = {
  random_id: {
    b64_std: id((bytes, prefix) => prefix + bytes.toString('base64')),
    b64_url: id((bytes, prefix) => prefix + bytes.toString('base64url')),
    dec: id((bytes, prefix) => prefix + BigInt(`0x${bytes.toString('hex')}`).toString()),
    hex: id((bytes, prefix) => prefix + bytes.toString('hex')),
    id: id((bytes) => bytes.toString('base64url')),
  },
  random_integer: { result: integer, id: (resource, resolver) => String(integer(resource, resolver)) },
  random_password: { result: text, id: () => 'none' },
  random_pet: { id: pet },
  random_shuffle: { result: shuffle, id: () => '-' },
  random_string: { result: text, id: text },
  random_uuid: { result: uuid, id: uuid },
  local_file: { id: (file) => drawnId(file.optionalText('content') ?? file.address, 40) },
  terraform_data: { output: (resource) => resource.argument('input') ?? null },
  archive_file: Object.fromEntries(
    [
      'id',
      'output_base64sha256',
      'output_base64sha512',
      'output_md5',
      'output_sha',
      'output_sha256',
      'output_sha512',
      'output_size',
    ].map((name): [string, Attribute] => [
      name,
      (file, resolver) => resolver.archives.attribute(file, file.folder, name) ?? null,
    ]),
  ),
};
