import type { CredentialsOptions, MessagingOptions } from '../../options';
import { ConfigError } from './error';
import type { ServerSettings } from './schema';

type Credentials = ServerSettings['credentials'];

/** What the library is opened with. @throws ConfigError for credentials of which a part is missing */
export function messagingOptions(settings: ServerSettings): MessagingOptions {
  const { endpoint, region, prefix, proxy, largeMessages } = settings;
  const { bucket, ...large } = largeMessages;
  if (bucket === undefined && Object.keys(large).length > 0) {
    throw new ConfigError('largeMessages.bucket is missing: without it no large messages are kept');
  }
  return {
    endpoint,
    region,
    prefix,
    proxy,
    credentials: credentialsOf(settings.credentials),
    largeMessages: bucket === undefined ? undefined : { bucket, ...large },
  };
}

function credentialsOf(given: Credentials): CredentialsOptions | undefined {
  const { profile, roleArn, sessionName, externalId, durationSeconds, sessionToken } = given;
  const kind = given.kind ?? (profile === undefined ? undefined : 'profile');
  switch (kind) {
    case undefined:
      refuseLeftovers(given);
      return undefined;
    case 'environment':
    case 'container':
      return { kind };
    case 'profile':
      return { kind, profile, file: given.file };
    case 'sso':
      return { kind, profile };
    case 'file':
      return { kind, path: needed(given, 'path', kind) };
    case 'static':
      return {
        kind,
        accessKeyId: needed(given, 'accessKeyId', kind),
        secretAccessKey: needed(given, 'secretAccessKey', kind),
        sessionToken,
      };
    case 'role':
      return {
        kind,
        roleArn: needed({ roleArn }, 'roleArn', kind),
        sessionName,
        externalId,
        durationSeconds,
        source: profile === undefined ? undefined : { kind: 'profile', profile },
      };
  }
}

function needed(given: Credentials, name: keyof Credentials, kind: string): string {
  const value = given[name];
  if (typeof value === 'string') return value;
  throw new ConfigError(`credentials.${name} is missing: kind ${kind} needs it`);
}

function refuseLeftovers(given: Credentials): void {
  const [name] = Object.keys(given);
  if (name !== undefined) throw new ConfigError(`credentials.kind is missing: credentials.${name} is given`);
}
