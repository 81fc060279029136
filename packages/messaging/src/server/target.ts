import type { MessagingOptions } from '../options';
import type { ServerSettings } from './config/schema';
import { messagingOptions } from './config/messaging-options';
import { isLoopbackHost } from './gate/hosts';

const LOCAL_RUNTIME = 'http://127.0.0.1:4566';
const PATIENCE_MS = 500;
/** A local runtime takes any; without one the SDK would look for a way to sign. */
const LOCAL_KEY = { kind: 'static', accessKeyId: 'test', secretAccessKey: 'test' } as const;

/** What the server talks to. */
export interface Target {
  readonly options: MessagingOptions;
  /** For people. */
  readonly description: string;
  /** An account of AWS, where a mistake costs. */
  readonly isAws: boolean;
}

/**
 * Where no endpoint is configured: a local runtime that runs, unless something else says that AWS is meant.
 *
 * @throws ConfigError
 */
export async function findTarget(settings: ServerSettings): Promise<Target> {
  const options = messagingOptions(settings);
  const namesAws = options.region !== undefined || options.credentials !== undefined;
  const endpoint =
    options.endpoint ?? (!namesAws && (await isAnswering(LOCAL_RUNTIME)) ? LOCAL_RUNTIME : undefined);
  if (endpoint === undefined) {
    return { options, description: `AWS (${options.region ?? 'region of the profile'})`, isAws: true };
  }
  const isLoopback = isLoopbackHost(new URL(endpoint).hostname);
  const credentials = options.credentials ?? (isLoopback && !hasCredentials() ? LOCAL_KEY : undefined);
  return {
    options: { ...options, endpoint, credentials },
    description: endpoint,
    isAws: !isPrivate(endpoint),
  };
}

function hasCredentials(): boolean {
  return Boolean(process.env['AWS_ACCESS_KEY_ID'] || process.env['AWS_PROFILE']);
}

/** Hosts that cannot be AWS's: this machine, names without a domain (containers), private addresses and domains. */
function isPrivate(endpoint: string): boolean {
  const { hostname } = new URL(endpoint);
  return (
    isLoopbackHost(hostname) ||
    /^(10|192\.168|172\.(1[6-9]|2\d|3[01]))(\.\d{1,3})+$/.test(hostname) ||
    /^[^.[]+$|\.(internal|local|localdomain|test)$/.test(hostname)
  );
}

/** Whether an AWS endpoint answers there, and not something else that listens. */
async function isAnswering(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams({ Action: 'GetCallerIdentity', Version: '2011-06-15' }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return (await response.text()).includes('<GetCallerIdentityResult>');
  } catch {
    return false;
  }
}
