import type { CredentialsContext, CredentialsProvider } from './types';

/**
 * A profile of the ini files: keys, a role with its source profile, a process, or a sign-in.
 * `file` takes the place of `~/.aws/credentials`.
 */
export function fromProfile(
  { profile, file }: { profile?: string; file?: string },
  { requestHandler }: CredentialsContext,
): CredentialsProvider {
  return async () => {
    const { fromIni } = await import('@aws-sdk/credential-providers');
    return fromIni({
      ...(profile !== undefined && { profile }),
      ...(file !== undefined && { filepath: file }),
      // The file may have been written since.
      ignoreCache: true,
      clientConfig: { requestHandler },
    })();
  };
}
