import type { JsonObject, StackDocument } from '../../src/synth';
import { Resolver } from '../../src/synth';
import type { Hosts } from '../../src/synth';

type Bodies = Record<string, Record<string, JsonObject>>;

export const hosts: Hosts = {
  accountId: '000000000000',
  awsEndpoint: 'http://127.0.0.1:4566',
  apiEndpoint: () => 'http://127.0.0.1:3000',
  database: () => ({ host: '127.0.0.1', port: 33060 }),
};

export function stackOf(parts: Partial<StackDocument>): StackDocument {
  return {
    name: 'test',
    folder: '/stack',
    resources: {},
    data: {},
    locals: {},
    variables: {},
    outputs: {},
    providers: [{ region: 'eu-west-1' }],
    ...parts,
  };
}

/** A resolver over resources (type -> name -> body) and whatever else the stack has. */
export function resolverOf(resources: Bodies, parts: Partial<StackDocument> = {}): Resolver {
  return new Resolver(stackOf({ resources, ...parts }), hosts);
}
