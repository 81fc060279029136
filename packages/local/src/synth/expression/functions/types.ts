import type { Scope } from '../evaluate';
import type { Value } from '../values';

export type TerraformFunction = (args: readonly Value[], scope: Scope) => Value;

/** A function of its arguments alone. */
export function pure(implementation: (...args: Value[]) => Value): TerraformFunction {
  return (args) => implementation(...args);
}

export function pureAll(
  functions: Readonly<Record<string, (...args: Value[]) => Value>>,
): Record<string, TerraformFunction> {
  return Object.fromEntries(
    Object.entries(functions).map(([name, implementation]) => [name, pure(implementation)]),
  );
}
