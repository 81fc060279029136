import { dependable } from 'cdktf';
import type { ITerraformDependable, TerraformResource } from 'cdktf';

/** Makes a resource wait for others that it does not refer to; for those that are known only after it was made. */
export function dependOn(resource: TerraformResource, ...others: readonly ITerraformDependable[]): void {
  resource.dependsOn = [...(resource.dependsOn ?? []), ...others.map((other) => dependable(other))];
}
