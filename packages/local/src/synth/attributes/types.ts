import { createHash } from 'node:crypto';
import type { Json } from '../json';
import type { Resource, Resolver } from '../resolver';

/** Computes what AWS would have decided about a resource. */
export type Attribute = (resource: Resource, resolver: Resolver) => Json;
export type Attributes = Readonly<Record<string, Attribute>>;

/** `arn:aws:<service>:<region>:<account>:<rest>` */
export function arn(service: string, rest: (resource: Resource) => string): Attribute {
  return (resource, resolver) =>
    `arn:aws:${service}:${resource.region}:${resolver.accountId}:${rest(resource)}`;
}

/** The ARN of a resource that belongs to no region: `arn:aws:iam::<account>:<rest>`. */
export function globalArn(service: string, rest: (resource: Resource) => string): Attribute {
  return (resource, resolver) => `arn:aws:${service}::${resolver.accountId}:${rest(resource)}`;
}

/** Another attribute of the same resource. */
export function same(name: string): Attribute {
  return (resource) => resource.attribute(name);
}

/** An id that AWS would have drawn: always the same for the same resource of the stack. */
export function drawnId(address: string, length: number): string {
  return createHash('sha256').update(address).digest('hex').slice(0, length);
}

export function prefixedId(prefix: string, length = 17): Attribute {
  return (resource) => `${prefix}-${drawnId(resource.address, length)}`;
}

/** The name given, or the prefix with what AWS would add, or the logical name. */
export function nameFrom(argument: string): Attribute {
  return (resource) => {
    const prefix = resource.optionalText(`${argument}_prefix`);
    return prefix === undefined ? resource.defaultName : `${prefix}${drawnId(resource.address, 12)}`;
  };
}
