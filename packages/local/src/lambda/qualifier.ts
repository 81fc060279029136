import type { FunctionConfig } from '../contracts';

export const LATEST = '$LATEST';

/** The version that runs for a qualifier. */
export function executedVersion(aliases: FunctionConfig['aliases'], qualifier: string | undefined): string {
  if (qualifier === undefined) return LATEST;
  return aliases !== undefined && Object.hasOwn(aliases, qualifier) ? aliases[qualifier]! : qualifier;
}

/** Whether a function has such a version or alias. */
export function hasQualifier({ aliases = {}, versions = [] }: FunctionConfig, qualifier: string): boolean {
  return qualifier === LATEST || Object.hasOwn(aliases, qualifier) || versions.includes(qualifier);
}
