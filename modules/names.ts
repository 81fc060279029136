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
