import { apiGateway } from './api-gateway';
import { buckets } from './buckets';
import { database } from './database';
import { edge } from './edge';
import { identity } from './identity';
import { kinesis } from './kinesis';
import { lambda } from './lambda';
import { mail } from './mail';
import { messaging } from './messaging';
import { monitoring } from './monitoring';
import { network } from './network';
import { parameters } from './parameters';
import { random } from './random';
import { schedules } from './schedules';
import { tables } from './tables';
import type { Attribute, Attributes } from './types';
import { drawnId, nameFrom } from './types';

const TYPES: Readonly<Record<string, Attributes>> = {
  ...apiGateway,
  ...buckets,
  ...database,
  ...edge,
  ...identity,
  ...kinesis,
  ...lambda,
  ...mail,
  ...messaging,
  ...monitoring,
  ...network,
  ...parameters,
  ...random,
  ...schedules,
  ...tables,
  aws_cloudwatch_log_group: {
    name: nameFrom('name'),
    id: nameFrom('name'),
    arn: (group, resolver) =>
      `arn:aws:logs:${group.region}:${resolver.accountId}:log-group:${group.id('name')}`,
  },
};

/** Resources of types that are not hosted still have a name, so that what refers to them has a value. */
const EVERY_TYPE: Attributes = {
  name: nameFrom('name'),
  id: (resource) => resource.optionalText('name') ?? drawnId(resource.address, 17),
  arn: (resource, resolver) => {
    const [, service = 'local', ...kind] = resource.type.split('_');
    return `arn:aws:${service}:${resource.region}:${resolver.accountId}:${kind.join('-')}/${resource.id()}`;
  },
  tags_all: (resource) => resource.textMap('tags'),
};

/** What this machine decides, whatever the stack says. */
const DECIDED_HERE: Readonly<Record<string, Attributes>> = {
  aws_db_instance: { port: database['aws_db_instance']!['port']! },
};

/** An attribute whose value comes from this machine even where the stack sets it. */
export function attributeDecidedHere(type: string, name: string): Attribute | undefined {
  const own = Object.hasOwn(DECIDED_HERE, type) ? DECIDED_HERE[type] : undefined;
  return own !== undefined && Object.hasOwn(own, name) ? own[name] : undefined;
}

/** How an attribute of a resource type gets its value where the stack does not set it; undefined where unknown. */
export function computedAttribute(type: string, name: string): Attribute | undefined {
  const own = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  const attribute = own !== undefined && Object.hasOwn(own, name) ? own[name] : undefined;
  return attribute ?? (Object.hasOwn(EVERY_TYPE, name) ? EVERY_TYPE[name] : undefined);
}
