import type { CredentialsOptions } from '../options';
import { fromContainer } from './container';
import { fromEnvironment } from './environment';
import { fromFile } from './json-file';
import { fromProfile } from './profile';
import { fromRole } from './role';
import { fromSignIn } from './sso';
import type { CredentialsContext, CredentialsProvider } from './types';

export { readCredentialsFile } from './json-file';
export { kept } from './kept';
export type { CredentialsProvider } from './types';

/** The provider of a kind of credentials; the SDK's default chain where none is given. */
export function credentialsProvider(
  options: CredentialsOptions | undefined,
  context: CredentialsContext,
): CredentialsProvider {
  if (options === undefined) return defaultChain(context);
  switch (options.kind) {
    case 'environment':
      return fromEnvironment();
    case 'profile':
      return fromProfile(options, context);
    case 'file':
      return fromFile(options.path, context.now);
    case 'static': {
      const { accessKeyId, secretAccessKey, sessionToken } = options;
      return () => Promise.resolve({ accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) });
    }
    case 'role':
      return fromRole(options, credentialsProvider(options.source, context), context);
    case 'sso':
      return fromSignIn(options, context);
    case 'container':
      return fromContainer(context);
  }
}

function defaultChain({ requestHandler }: CredentialsContext): CredentialsProvider {
  return async () => {
    const { fromNodeProviderChain } = await import('@aws-sdk/credential-providers');
    return fromNodeProviderChain({ clientConfig: { requestHandler } })();
  };
}
