import type { CredentialsContext, CredentialsProvider } from './types';

/**
 * ECS tasks and EKS pods: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI, with the token of
 * AWS_CONTAINER_AUTHORIZATION_TOKEN or _TOKEN_FILE. Never through a proxy: the address is the host's own.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 */
export function fromContainer({ maxAttempts }: CredentialsContext): CredentialsProvider {
  return async () => {
    const { fromHttp } = await import('@aws-sdk/credential-providers');
    return fromHttp({ maxRetries: maxAttempts - 1 })();
  };
}
