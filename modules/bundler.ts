import type { Construct } from 'constructs';
import { bundle, prepareBundles } from './bundle';
import type { BundlingOptions } from './bundle';

export type Bundler = typeof bundle;

/** Context key of the bundler. Tests put a stub there, so that a snapshot does not change with a handler. */
export const BUNDLER = 'aws-micro:bundler';

/** The bundler for functions in this part of the tree: esbuild, unless the context names another. */
export function bundlerOf(scope: Construct): Bundler {
  return (scope.node.tryGetContext(BUNDLER) as Bundler | undefined) ?? bundle;
}

/** Prepares what the functions in this part of the tree will bundle, unless the context names another bundler. */
export function prepareFunctions(
  scope: Construct,
  entries: readonly string[],
  options?: BundlingOptions,
): void {
  if (bundlerOf(scope) === bundle) prepareBundles(entries, options);
}
