import type { RoleCredentials } from '../options';
import type { CredentialsContext, CredentialsProvider } from './types';

/** A role that `source` assumes. */
export function fromRole(
  role: RoleCredentials,
  source: CredentialsProvider,
  { requestHandler, maxAttempts, endpoint, region }: CredentialsContext,
): CredentialsProvider {
  return async () => {
    const { STS } = await import('@aws-sdk/client-sts');
    const sts = new STS({
      credentials: source,
      requestHandler,
      maxAttempts,
      region,
      ...(endpoint !== undefined && { endpoint }),
    });
    const { Credentials } = await sts.assumeRole({
      RoleArn: role.roleArn,
      RoleSessionName: role.sessionName ?? 'aws-micro',
      ExternalId: role.externalId,
      DurationSeconds: role.durationSeconds ?? 3600,
    });
    return {
      accessKeyId: Credentials!.AccessKeyId!,
      secretAccessKey: Credentials!.SecretAccessKey!,
      sessionToken: Credentials!.SessionToken!,
      expiration: Credentials!.Expiration!,
    };
  };
}
