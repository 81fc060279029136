import { existsSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { App, TerraformStack, Testing } from 'cdktf';
import { BUNDLER, SITE_BUNDLER } from '../../modules';
import type { Bundle, Bundler, SiteBundler, SiteFile } from '../../modules';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Attributes = Record<string, Json>;

/** One synthesized resource. */
export interface Resource {
  readonly type: string;
  /** `aws_sqs_queue.orders_queue_1A2B3C4D` */
  readonly address: string;
  /** Its attributes; JSON texts (policies) are parsed, references are `${...}`. */
  readonly attributes: Attributes;
}

export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: '*' | Record<string, string>;
  readonly Action: string[];
  readonly Resource: string[];
  readonly Condition?: Record<string, Record<string, string[]>>;
}

/** A synthesized stack, for assertions. */
export class Template {
  readonly resources: readonly Resource[];

  constructor(readonly json: { readonly resource?: Record<string, Record<string, Attributes>> }) {
    this.resources = Object.entries(json.resource ?? {}).flatMap(([type, byId]) =>
      Object.entries(byId).map(([id, raw]) => ({
        type,
        address: `${type}.${id}`,
        attributes: withoutMetadata(parseTexts(raw) as Attributes),
      })),
    );
  }

  get types(): string[] {
    return [...new Set(this.resources.map(({ type }) => type))].sort();
  }

  /** The resources of a type, those only whose address contains `part` where it is given. */
  resourcesOf(type: string, part = ''): Resource[] {
    return this.resources.filter((resource) => resource.type === type && resource.address.includes(part));
  }

  /** The attributes of the one resource of that type. @throws Error unless there is exactly one */
  only(type: string, part = ''): Attributes {
    const found = this.resourcesOf(type, part);
    const [first] = found;
    if (found.length === 1 && first) return first.attributes;
    throw new Error(
      `${found.length} resources are ${type} *${part}*: ${found.map((r) => r.address).join(', ')}`,
    );
  }

  countIs(type: string, count: number): void {
    expect(this.resourcesOf(type).map(({ address }) => address)).toHaveLength(count);
  }

  /** The statements of the one policy of that type. */
  statements(type: string, part = ''): PolicyStatement[] {
    return statementsOf(this.only(type, part)['policy']);
  }

  /** The resources without what changes with a handler: hashes of bundles and migrations. */
  snapshot(): Json {
    const types = this.types.map((type) => {
      const byAddress = this.resourcesOf(type).map((r) => [r.address.slice(type.length + 1), r.attributes]);
      return [type, Object.fromEntries(byAddress) as Json];
    });
    return withoutHashes(Object.fromEntries(types) as Json);
  }
}

export function statementsOf(policy: Json | undefined): PolicyStatement[] {
  return (policy as unknown as { Statement: PolicyStatement[] }).Statement;
}

/** An attribute as text. */
export function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

/** Packages of stub bundles, by the end of the entry's path. */
export type StubPackages = Readonly<Record<string, readonly string[]>>;

export interface SynthOptions {
  /** @default stub bundles without packages */
  readonly bundler?: Bundler;
  /** @default 'test' */
  readonly stackId?: string;
}

/** Synthesizes what `build` makes, validations included, in memory. */
export function synthesize(build: (stack: TerraformStack) => void, options: SynthOptions = {}): Template {
  const stack = new TerraformStack(testApp(options.bundler), options.stackId ?? 'test');
  new AwsProvider(stack, 'aws', { region: 'us-east-1' });
  build(stack);
  return templateOf(stack);
}

export function templateOf(stack: TerraformStack): Template {
  return new Template(JSON.parse(Testing.synth(stack, true)) as Template['json']);
}

/** An app that writes nothing; its functions get stub bundles unless a bundler is given, its sites a page and a script. */
export function testApp(bundler: Bundler = stubBundler()): App {
  return new App({
    outdir: os.tmpdir(),
    stackTraces: false,
    context: { [BUNDLER]: bundler, [SITE_BUNDLER]: stubSite },
  });
}

/** A bundler that reads no handler, so that module snapshots do not change with one. */
export function stubBundler(packages: StubPackages = {}): Bundler {
  return (entry): Bundle => {
    const [, names = []] = Object.entries(packages).find(([end]) => entry.endsWith(end)) ?? [];
    const bytes = { js: 0, map: 0, zip: 0 };
    return { zipFile: stubZip(), hash: 'stub', bytes, inputs: {}, packages: names };
  };
}

/** A site of two files, so that no snapshot changes with a page. */
export const stubSite: SiteBundler = () =>
  [
    { key: 'assets/main-STUB.js', contentType: 'text/javascript; charset=utf-8', immutable: true },
    { key: 'index.html', contentType: 'text/html; charset=utf-8', immutable: false },
  ].map((file): SiteFile => ({ ...file, file: stubZip(), hash: 'stub', bytes: 0 }));

function stubZip(): string {
  const file = path.join(os.tmpdir(), 'aws-micro-stub-bundle.zip');
  if (!existsSync(file)) writeFileSync(file, '');
  return file;
}

function parseTexts(value: Json): Json {
  if (typeof value === 'string') return parseText(value);
  if (Array.isArray(value)) return value.map(parseTexts);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, parseTexts(inner)]));
}

function parseText(text: string): Json {
  if (!/^[{[]/.test(text)) return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function withoutMetadata(attributes: Attributes): Attributes {
  const { '//': _metadata, ...rest } = attributes;
  return rest;
}

function withoutHashes(value: Json): Json {
  return JSON.parse(JSON.stringify(value).replaceAll(/[0-9a-f]{64}/g, '<hash>')) as Json;
}
