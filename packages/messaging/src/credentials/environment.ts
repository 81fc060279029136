import type { CredentialsProvider } from './types';

/** AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN; read at each request, as a program may change them. */
export function fromEnvironment(): CredentialsProvider {
  return async () => {
    const { fromEnv } = await import('@aws-sdk/credential-providers');
    return fromEnv()();
  };
}
