import type { CredentialsContext, CredentialsProvider } from './types';

/** A profile that signed in with `aws sso login`; its region is the sign-in's own. */
export function fromSignIn(
  { profile }: { profile?: string },
  { requestHandler }: CredentialsContext,
): CredentialsProvider {
  return async () => {
    const { fromSSO } = await import('@aws-sdk/credential-providers');
    return fromSSO({
      ...(profile !== undefined && { profile }),
      ignoreCache: true,
      clientConfig: { requestHandler },
    })();
  };
}
