import type { FunctionConfig } from '../contracts';
import { nameOfFunction } from '../iam';
import type { Resolver, Resource } from '../synth';
import type { StackFunction } from './functions';

/** What a function is called by beside its name, and who may call it: versions, aliases, and its resource policy. */
export function publishedOf(
  resolver: Resolver,
  { resource, name, arn }: StackFunction,
): Pick<FunctionConfig, 'description' | 'aliases' | 'versions' | 'policy'> {
  const aliases = Object.fromEntries(
    resolver
      .resources('aws_lambda_alias')
      .filter((alias) => nameOfFunction(alias.text('function_name')) === name)
      .map((alias) => [alias.text('name'), alias.text('function_version')]),
  );
  const published = resource.flag('publish', false) ? ['1'] : [];
  const numbered = Object.values(aliases).filter((version) => /^\d+$/.test(version));
  return {
    description: resource.optionalText('description'),
    aliases,
    versions: [...new Set([...published, ...numbered])],
    policy: resolver
      .resources('aws_lambda_permission')
      .filter((permission) => nameOfFunction(permission.text('function_name')) === name)
      .map((permission) => statementOf(permission, arn)),
  };
}

function statementOf(permission: Resource, functionArn: string) {
  const qualifier = permission.optionalText('qualifier');
  const principal = permission.text('principal');
  const source = permission.optionalText('source_arn');
  const account = permission.optionalText('source_account');
  const conditions = {
    ...(account !== undefined && { StringEquals: { 'AWS:SourceAccount': account } }),
    ...(source !== undefined && { ArnLike: { 'AWS:SourceArn': source } }),
  };
  const statement = {
    Sid: permission.id(),
    Effect: 'Allow',
    Principal: principalOf(principal),
    Action: permission.text('action'),
    Resource: qualifier === undefined ? functionArn : `${functionArn}:${qualifier}`,
    ...(Object.keys(conditions).length > 0 && { Condition: conditions }),
  };
  return { qualifier, statement };
}

function principalOf(principal: string): string | Readonly<Record<string, string>> {
  if (principal === '*') return principal;
  return principal.endsWith('.amazonaws.com') ? { Service: principal } : { AWS: principal };
}
