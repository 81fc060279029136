import { createHash } from 'node:crypto';
import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';

/** The construct's path inside its stack as one word (`messages-queue`), for the id of a construct that points to it. */
export function pathId(construct: Construct): string {
  const { scopes } = construct.node;
  const inStack = scopes.slice(scopes.indexOf(TerraformStack.of(construct)) + 1);
  return inStack.map((scope) => scope.node.id).join('-');
}

/** A resource name that no other stack in the account has: `aws-micro-dev-messages`. */
export function stackName(scope: Construct, name: string): string {
  return `${TerraformStack.of(scope).node.id}-${name}`;
}

/** An id that only the same parts have, which people can read: `jwt-https-login-example-com-shop-1f2e3d4c`. */
export function distinctId(kind: string, parts: readonly string[]): string {
  const words = [kind, ...parts].join('-').replaceAll(/[^a-zA-Z0-9]+/g, '-');
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8);
  return `${words.slice(0, 119)}-${hash}`;
}
