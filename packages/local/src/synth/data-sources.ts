import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ResolveError } from '../errors';
import type { Archives } from './archives';
import { prefixListId } from './attributes/network';
import { evaluate } from './expression/evaluate';
import {
  MANAGED_CACHE_POLICIES,
  MANAGED_HEADERS_POLICIES,
  MANAGED_ORIGIN_REQUEST_POLICIES,
} from './cloudfront-policies';
import { parseTemplate } from './expression/parser';
import { text } from './expression/values';
import type { Fields } from './fields';
import type { Json } from './json';
import { policyDocument } from './policy-document';
import type { Resolver } from './resolver';

/** What data sources are answered with. */
export interface DataContext {
  readonly region: string;
  readonly accountId: string;
  /** Of the stack. */
  readonly folder: string;
  readonly resolver: Resolver;
  readonly archives: Archives;
}

type DataSource = (fields: Fields, context: DataContext) => Readonly<Record<string, Json>>;

/** The data sources that have an answer without AWS. */
const SOURCES: Readonly<Record<string, DataSource>> = {
  aws_availability_zones: (_, { region }) => ({
    id: region,
    names: ['a', 'b', 'c'].map((zone) => `${region}${zone}`),
    zone_ids: ['az1', 'az2', 'az3'].map((zone) => `${region}-${zone}`),
  }),
  aws_arn: (fields) => {
    const arn = fields.text('arn');
    const [, partition = '', service = '', region = '', account = '', ...rest] = arn.split(':');
    return { id: arn, partition, service, region, account, resource: rest.join(':') };
  },
  aws_caller_identity: (_, { accountId }) => ({
    account_id: accountId,
    arn: `arn:aws:iam::${accountId}:root`,
    id: accountId,
    user_id: accountId,
  }),
  aws_cloudfront_cache_policy: (fields) => managedPolicy(fields, MANAGED_CACHE_POLICIES),
  aws_cloudfront_origin_request_policy: (fields) => managedPolicy(fields, MANAGED_ORIGIN_REQUEST_POLICIES),
  aws_cloudfront_response_headers_policy: (fields) => managedPolicy(fields, MANAGED_HEADERS_POLICIES),
  aws_cloudwatch_event_bus: (fields, { region, accountId }) => {
    const name = fields.text('name');
    return { id: name, name, arn: `arn:aws:events:${region}:${accountId}:event-bus/${name}` };
  },
  aws_iam_policy: (fields, { accountId }) => {
    const given = fields.optionalText('arn');
    return { arn: given ?? `arn:aws:iam::${accountId}:policy/${fields.text('name')}` };
  },
  aws_iam_role: (fields, { accountId }) => {
    const name = fields.text('name');
    return { id: name, arn: `arn:aws:iam::${accountId}:role/${name}`, path: '/', unique_id: `AROA${name}` };
  },
  aws_iam_policy_document: (fields) => {
    const json = JSON.stringify(policyDocument(fields));
    return { id: '0', json, minified_json: json };
  },
  aws_kms_alias: (fields, { region, accountId }) => ({
    arn: `arn:aws:kms:${region}:${accountId}:${fields.text('name')}`,
    target_key_arn: `arn:aws:kms:${region}:${accountId}:key/${fields.text('name').replace('alias/', '')}`,
    target_key_id: fields.text('name').replace('alias/', ''),
  }),
  aws_partition: () => ({
    id: 'aws',
    partition: 'aws',
    dns_suffix: 'amazonaws.com',
    reverse_dns_prefix: 'com.amazonaws',
  }),
  aws_prefix_list: prefixList,
  aws_ec2_managed_prefix_list: prefixList,
  aws_default_tags: () => ({ id: 'aws', tags: {} }),
  aws_region: (_, { region }) => ({
    id: region,
    name: region,
    region,
    description: region,
    endpoint: `ec2.${region}.amazonaws.com`,
  }),
  local_file: (fields, { folder }) => {
    const content = readFileSync(resolve(folder, fields.text('filename')));
    const hash = (algorithm: string) => createHash(algorithm).update(content);
    return {
      id: hash('sha1').digest('hex'),
      content: content.toString(),
      content_base64: content.toString('base64'),
      content_sha256: hash('sha256').digest('hex'),
      content_base64sha256: hash('sha256').digest('base64'),
    };
  },
  template_file: (fields, { folder }) => {
    const names: Readonly<Record<string, Json>> = fields.textMap('vars');
    const root = (name: string): Json =>
      Object.hasOwn(names, name) ? names[name]! : unknown(`${fields.where}: the template has no "${name}"`);
    const rendered = text(evaluate(parseTemplate(fields.text('template')), { folder, root }));
    return { id: createHash('sha256').update(rendered).digest('hex'), rendered };
  },
};

/** Arguments by which data sources find a resource; the same type hosts it. */
const SELECTORS = ['name', 'arn', 'function_name', 'bucket', 'id', 'layer_name', 'user_pool_id'];

function managedPolicy(
  fields: Fields,
  ids: Readonly<Record<string, string>>,
): Readonly<Record<string, Json>> {
  const given = fields.optionalText('id');
  const name = fields.optionalText('name') ?? Object.keys(ids).find((each) => ids[each] === given) ?? '';
  const id = given ?? (Object.hasOwn(ids, name) ? ids[name]! : undefined);
  return id === undefined ? unknown(`${fields.where}: CloudFront has no policy "${name}"`) : { id, name };
}

function prefixList(fields: Fields): Readonly<Record<string, Json>> {
  const name = fields.optionalText('name') ?? '';
  return { id: prefixListId(name), name, arn: prefixListId(name), cidr_blocks: [], entries: [] };
}

/**
 * An attribute of a data source: of the resource that it finds in the stacks, or what AWS would answer.
 *
 * @throws ResolveError where the answer is AWS's alone
 */
export function dataSource(type: string, attribute: string, fields: Fields, context: DataContext): Json {
  if (type === 'archive_file') {
    const made = context.archives.attribute(fields, context.folder, attribute);
    if (made !== undefined) return made;
  }
  const found = declared(type, fields, context.resolver);
  if (found !== undefined) {
    return found.attribute(attribute);
  }
  const source = Object.hasOwn(SOURCES, type) ? SOURCES[type] : undefined;
  const value = answer(fields, () => source?.(fields, context)[attribute]) ?? fields.optionalText(attribute);
  return value ?? unknown(`${fields.where}.${attribute} has no value without AWS`);
}

/** The resource of the stacks that a data source of the same type names. */
function declared(type: string, fields: Fields, resolver: Resolver) {
  const given = SELECTORS.flatMap((name) => {
    const value = fields.optionalText(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return given.length === 0
    ? undefined
    : resolver
        .every(type)
        .find((resource) => given.every(([name, value]) => resource.attribute(name) === value));
}

/** Where a file cannot be read, its name says it. */
function answer(fields: Fields, work: () => Json | undefined): Json | undefined {
  try {
    return work();
  } catch (error) {
    throw error instanceof ResolveError
      ? error
      : new ResolveError(`${fields.where}: ${(error as Error).message}`);
  }
}

function unknown(problem: string): never {
  throw new ResolveError(problem);
}
