import type { Resolver, Resource } from '../synth';
import { managedPolicy } from './managed';
import type { Statement } from './policy';
import { parsePolicy } from './policy';

/** What a role may do. */
export interface RolePolicies {
  readonly arn: string;
  readonly name: string;
  readonly statements: readonly Statement[];
  /** The permissions boundary: what it does not allow as well, the role may not. */
  readonly boundary?: readonly Statement[];
  /** ARNs of managed policies whose content is not known here; they allow nothing. */
  readonly unknown: readonly string[];
}

/** Collects a role's policies: inline, of its own resources, and attached ones. */
export function rolePolicies(role: Resource, resolver: Resolver): RolePolicies {
  const name = role.id('name');
  const attached = attachedArns(role, name, resolver);
  const documents = attached.map((arn) => ({ arn, statements: managedStatements(arn, resolver) }));
  const boundary = role.optionalText('permissions_boundary');
  return {
    arn: role.id('arn'),
    name,
    statements: [
      ...inlineStatements(role),
      ...resolver
        .resources('aws_iam_role_policy')
        .filter((policy) => lastPart(policy.text('role')) === name)
        .flatMap((policy) => parsePolicy(policy.text('policy'), policy.address)),
      ...documents.flatMap(({ statements }) => statements ?? []),
    ],
    boundary: boundary === undefined ? undefined : (managedStatements(boundary, resolver) ?? []),
    unknown: documents.filter(({ statements }) => statements === undefined).map(({ arn }) => arn),
  };
}

function inlineStatements(role: Resource): Statement[] {
  return role
    .blocks('inline_policy')
    .flatMap((inline) => parsePolicy(inline.optionalText('policy') ?? '{}', inline.where));
}

function attachedArns(role: Resource, name: string, resolver: Resolver): string[] {
  return [
    ...role.texts('managed_policy_arns'),
    ...resolver
      .resources('aws_iam_role_policy_attachment')
      .filter((attachment) => lastPart(attachment.text('role')) === name)
      .map((attachment) => attachment.text('policy_arn')),
    ...resolver
      .resources('aws_iam_policy_attachment')
      .filter((attachment) => attachment.texts('roles').map(lastPart).includes(name))
      .map((attachment) => attachment.text('policy_arn')),
  ];
}

function managedStatements(arn: string, resolver: Resolver): readonly Statement[] | undefined {
  const own = resolver.find('aws_iam_policy', arn, 'arn');
  return own === undefined ? managedPolicy(arn) : parsePolicy(own.text('policy'), own.address);
}

/** Roles are named by name, by ARN, and with a path in front. */
export function lastPart(nameOrArn: string): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1);
}
