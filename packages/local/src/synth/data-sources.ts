import { ResolveError } from '../errors';
import { prefixListId } from './attributes/network';
import type { Fields } from './fields';
import type { Json } from './json';
import { policyDocument } from './policy-document';
import type { Resolver } from './resolver';

type DataSource = (fields: Fields, resolver: Resolver) => Readonly<Record<string, Json>>;

/** The data sources that have an answer without AWS. */
const SOURCES: Readonly<Record<string, DataSource>> = {
  aws_availability_zones: (_, { region }) => ({
    id: region,
    names: ['a', 'b', 'c'].map((zone) => `${region}${zone}`),
    zone_ids: ['az1', 'az2', 'az3'].map((zone) => `${region}-${zone}`),
  }),
  aws_caller_identity: (_, { accountId }) => ({
    account_id: accountId,
    arn: `arn:aws:iam::${accountId}:root`,
    id: accountId,
    user_id: accountId,
  }),
  aws_iam_policy: (fields, { accountId }) => {
    const given = fields.optionalText('arn');
    return { arn: given ?? `arn:aws:iam::${accountId}:policy/${fields.text('name')}` };
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
  aws_region: (_, { region }) => ({
    id: region,
    name: region,
    region,
    description: region,
    endpoint: `ec2.${region}.amazonaws.com`,
  }),
};

function prefixList(fields: Fields): Readonly<Record<string, Json>> {
  const name = fields.optionalText('name') ?? '';
  return { id: prefixListId(name), name, arn: prefixListId(name), cidr_blocks: [], entries: [] };
}

/**
 * An attribute of a data source.
 *
 * @throws {@link ResolveError} where the answer is AWS's alone
 */
export function dataSource(type: string, attribute: string, fields: Fields, resolver: Resolver): Json {
  const source = Object.hasOwn(SOURCES, type) ? SOURCES[type] : undefined;
  const given = fields.optionalText(attribute);
  const value = source?.(fields, resolver)[attribute] ?? given;
  if (value === undefined) {
    throw new ResolveError(`${fields.where}.${attribute} has no value without AWS`);
  }
  return value;
}
