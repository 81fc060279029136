import type { Json } from '../json';
import type { Resource, Resolver } from '../resolver';
import type { Attributes } from './types';
import { arn, drawnId, nameFrom, same } from './types';

function resourceId(database: Resource): string {
  return `db-${drawnId(database.address, 26).toUpperCase()}`;
}

function masterSecret(database: Resource, resolver: Resolver): Json {
  if (!database.flag('manage_master_user_password', false)) {
    return [];
  }
  return [
    {
      secret_arn: masterSecretArn(database, resolver),
      secret_status: 'active',
      kms_key_id: database.optionalText('master_user_secret_kms_key_id') ?? '',
    },
  ];
}

/** ARN of the secret in which RDS keeps the master user of a database. */
export function masterSecretArn(database: Resource, resolver: Resolver): string {
  const name = `rds!${resourceId(database)}-${drawnId(`${database.address} secret`, 6)}`;
  return `arn:aws:secretsmanager:${database.region}:${resolver.accountId}:secret:${name}`;
}

/** RDS. */
export const database: Readonly<Record<string, Attributes>> = {
  aws_db_instance: {
    identifier: nameFrom('identifier'),
    id: resourceId,
    resource_id: resourceId,
    arn: arn('rds', (instance) => `db:${instance.id('identifier')}`),
    address: (instance, resolver) => resolver.hosts.database(instance.address).host,
    port: (instance, resolver) => resolver.hosts.database(instance.address).port,
    endpoint: (instance, resolver) => {
      const { host, port } = resolver.hosts.database(instance.address);
      return `${host}:${port}`;
    },
    master_user_secret: masterSecret,
    engine_version_actual: (instance) => instance.optionalText('engine_version') ?? '',
    hosted_zone_id: () => 'ZLOCAL',
    status: () => 'available',
  },
  aws_db_subnet_group: {
    name: nameFrom('name'),
    id: same('name'),
    arn: arn('rds', (group) => `subgrp:${group.id('name')}`),
  },
  aws_db_parameter_group: {
    name: nameFrom('name'),
    id: same('name'),
    arn: arn('rds', (group) => `pg:${group.id('name')}`),
  },
};
