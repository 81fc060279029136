import { ResolveError } from '../../../errors';
import type { Scope } from '../evaluate';
import type { Value } from '../values';
import { collections } from './collections';
import { encodings } from './encodings';
import { files } from './files';
import { network } from './network';
import { numbers } from './numbers';
import { strings } from './strings';
import type { TerraformFunction } from './types';

/** Terraform's functions that have a value without AWS, under their own names. */
const FUNCTIONS: Readonly<Record<string, TerraformFunction>> = {
  ...collections,
  ...encodings,
  ...files,
  ...network,
  ...numbers,
  ...strings,
};

/**
 * Calls one of Terraform's functions.
 *
 * @see https://developer.hashicorp.com/terraform/language/functions
 * @throws {@link ResolveError} where it is not supported, or refuses its arguments
 */
export function callFunction(name: string, args: () => readonly Value[], scope: Scope): Value {
  const implementation = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (implementation === undefined) {
    throw new ResolveError(`the function ${name}() is not supported`);
  }
  const given = args();
  try {
    return implementation(given, scope);
  } catch (error) {
    throw error instanceof ResolveError ? error : new ResolveError(`${name}(): ${(error as Error).message}`);
  }
}
