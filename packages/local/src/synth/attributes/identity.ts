import type { Attributes } from './types';
import { arn, drawnId, globalArn, nameFrom, same } from './types';

const path = (resource: { optionalText(name: string): string | undefined }): string =>
  resource.optionalText('path') ?? '/';

const keyId = (address: string): string =>
  drawnId(address, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** IAM, KMS and Secrets Manager. */
export const identity: Readonly<Record<string, Attributes>> = {
  aws_iam_role: {
    name: nameFrom('name'),
    arn: globalArn('iam', (role) => `role${path(role)}${role.id('name')}`),
    id: same('name'),
    unique_id: (role) => `AROA${drawnId(role.address, 17).toUpperCase()}`,
  },
  aws_iam_policy: {
    name: nameFrom('name'),
    arn: globalArn('iam', (policy) => `policy${path(policy)}${policy.id('name')}`),
    id: same('arn'),
  },
  aws_iam_role_policy: {
    name: nameFrom('name'),
    id: (policy) => `${policy.text('role')}:${policy.id('name')}`,
  },
  aws_iam_instance_profile: { name: nameFrom('name'), id: same('name') },
  aws_kms_key: {
    key_id: (key) => keyId(key.address),
    id: same('key_id'),
    arn: arn('kms', (key) => `key/${keyId(key.address)}`),
  },
  aws_kms_alias: {
    name: nameFrom('name'),
    id: same('name'),
    arn: arn('kms', (alias) => alias.id('name')),
  },
  aws_secretsmanager_secret: {
    name: nameFrom('name'),
    arn: arn('secretsmanager', (secret) => `secret:${secret.id('name')}-${drawnId(secret.address, 6)}`),
    id: same('arn'),
  },
  aws_secretsmanager_secret_version: {
    arn: (version) => version.text('secret_id'),
    version_id: (version) => keyId(version.address),
    id: (version) => `${version.text('secret_id')}|${keyId(version.address)}`,
  },
};
