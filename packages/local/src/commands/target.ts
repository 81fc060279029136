import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { UserError } from '../errors';
import { findProject } from '../synth/project';
import { DEVELOPER_KEY } from '../up/developer-key';
import type { Owner } from '../up/data-folder';
import type { Terminal } from './terminal';
import { dataOption } from './shared-options';

const DEFAULT_ENDPOINT = 'http://127.0.0.1:4566';
const DEFAULT_REGION = 'us-east-1';
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ETIMEDOUT',
  'EPIPE',
]);

/** Options of commands that call AWS services. */
export const targetOptions = {
  profile: { type: 'string', value: '<name>', help: 'work on AWS, with this profile of ~/.aws' },
  region: { type: 'string', value: '<name>', help: 'work on AWS, in this region' },
  'endpoint-url': { type: 'string', value: '<url>', help: 'work on this endpoint (or AWS_ENDPOINT_URL)' },
  ...dataOption,
} as const;

export const TARGET_DETAILS = `It works on the runtime of the project here, or on ${DEFAULT_ENDPOINT} where there is no project. With --profile or
--region it works on AWS, with the credentials that every AWS tool finds (environment, profile, SSO, role).`;

export interface TargetValues {
  readonly profile: string | undefined;
  readonly region: string | undefined;
  readonly 'endpoint-url': string | undefined;
  readonly data: string | undefined;
}

interface Place {
  /** Undefined: AWS itself. */
  readonly endpoint: string | undefined;
  /** Undefined: as the SDK finds it. */
  readonly region: string | undefined;
  /** Undefined: the SDK's default chain. */
  readonly credentials: typeof DEVELOPER_KEY | undefined;
  readonly profile: string | undefined;
  readonly owner: Owner | undefined;
}

/** What the runtime of the project here tells of itself; undefined where none has run, or there is no project. */
export function findOwner(dataFolder: string | undefined): Owner | undefined {
  const file = join(dataFolderOf(dataFolder) ?? '', 'owner.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Owner) : undefined;
}

function dataFolderOf(given: string | undefined): string | undefined {
  if (given !== undefined) return given;
  try {
    return findProject('.').dataFolder;
  } catch {
    return undefined;
  }
}

/** Whether a URL leads to this machine. */
export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

/** What a client of the SDK is made with. */
export type ClientSettings = Partial<Omit<{ [Name in keyof Place]: NonNullable<Place[Name]> }, 'owner'>>;

/** The SNS and SQS that a command works on: the local runtime's, AWS's, or those of a given endpoint. */
export class Target {
  private readonly clients = new Map<string, { destroy(): void }>();

  constructor(private readonly place: Place) {}

  /** Undefined for AWS itself. */
  get endpoint(): string | undefined {
    return this.place.endpoint;
  }

  /** Where its own programming interface would be; undefined for what cannot be a local runtime. */
  get adminEndpoint(): string | undefined {
    const { endpoint } = this.place;
    return endpoint !== undefined && isLoopback(endpoint) ? endpoint : undefined;
  }

  /** For people. */
  get description(): string {
    const { endpoint, profile, region } = this.place;
    if (endpoint !== undefined) return endpoint;
    const details = [profile && `profile ${profile}`, region].filter(Boolean).join(', ');
    return `AWS (${details})`;
  }

  async sns(): Promise<SNSClient> {
    const { SNSClient } = await import('@aws-sdk/client-sns');
    return this.connect('sns', (settings) => new SNSClient(settings));
  }

  async sqs(): Promise<SQSClient> {
    const { SQSClient } = await import('@aws-sdk/client-sqs');
    return this.connect('sqs', (settings) => new SQSClient(settings));
  }

  /** A client of another service, made once; `destroy` ends it. */
  connect<T extends { destroy(): void }>(service: string, create: (settings: ClientSettings) => T): T {
    const client = (this.clients.get(service) as T | undefined) ?? create(this.settings());
    this.clients.set(service, client);
    return client;
  }

  /** Ends its connections. */
  destroy(): void {
    for (const client of this.clients.values()) client.destroy();
  }

  /** An error of the SDK as one line for people; others as they are. */
  explain(error: unknown): unknown {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    if (isUnreachable(error)) return new UserError(this.absence());
    if (name === 'CredentialsProviderError') return new UserError(`No credentials for AWS: ${message}`);
    if (message === 'Region is missing') return new UserError('No region for AWS: name it with --region');
    if ($metadata?.httpStatusCode === undefined) return error;
    return new UserError(`${this.description} says: ${name}: ${message}`);
  }

  private absence(): string {
    const { endpoint, owner } = this.place;
    if (endpoint === undefined) return 'AWS cannot be reached';
    if (!isLoopback(endpoint)) return `Nothing answers at ${endpoint}`;
    const was = owner === undefined ? '' : ` (process ${owner.pid} was there)`;
    return `Nothing answers at ${endpoint}${was}: start the runtime first (npx aws-micro up)`;
  }

  private settings(): ClientSettings {
    const { endpoint, region, credentials, profile } = this.place;
    // What is undefined the SDK looks for itself; a key that is there counts as given.
    return {
      ...(endpoint !== undefined && { endpoint }),
      ...(region !== undefined && { region }),
      ...(credentials !== undefined && { credentials }),
      ...(profile !== undefined && { profile }),
    };
  }
}

/** Whether an error means that nobody answered, however deep the SDK has wrapped it. */
export function isUnreachable(error: unknown): boolean {
  const { code, cause, errors } = error as { code?: string; cause?: unknown; errors?: unknown[] };
  if (UNREACHABLE.has(code ?? '')) return true;
  return [cause, ...(errors ?? [])].some((each) => each instanceof Error && isUnreachable(each));
}

/** Works on what the options name; the SDK's errors become one line for people. */
export async function onTarget<T>(
  values: TargetValues,
  terminal: Terminal,
  work: (target: Target) => Promise<T>,
): Promise<T> {
  // The SDK would print it before the output of every command on Node.js 20.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  const target = new Target(placeOf(values, terminal.environment));
  try {
    return await work(target);
  } catch (error) {
    throw target.explain(error);
  } finally {
    target.destroy();
  }
}

function placeOf(values: TargetValues, environment: NodeJS.ProcessEnv): Place {
  const { profile, region } = values;
  // A folder that is named says more than the environment.
  const named =
    values['endpoint-url'] ?? (values.data === undefined ? environment['AWS_ENDPOINT_URL'] : undefined);
  if (named !== undefined && named !== '') return namedPlace(named, values, environment);
  if (profile !== undefined || region !== undefined) {
    return { endpoint: undefined, region, profile, credentials: undefined, owner: undefined };
  }
  const owner = findOwner(values.data);
  // Another project's runtime may be at the default endpoint.
  if (owner === undefined && values.data !== undefined) {
    throw new UserError(
      `No runtime has its data in ${values.data}: start it first (npx aws-micro up --data)`,
    );
  }
  return {
    endpoint: owner?.awsEndpoint ?? DEFAULT_ENDPOINT,
    region: owner?.region ?? DEFAULT_REGION,
    credentials: DEVELOPER_KEY,
    profile: undefined,
    owner,
  };
}

/** An emulator on this machine needs neither a region nor credentials; what there are is used. */
function namedPlace(endpoint: string, { profile, region }: TargetValues, env: NodeJS.ProcessEnv): Place {
  if (!URL.canParse(endpoint)) throw new UserError(`--endpoint-url is "${endpoint}": not a URL`);
  const known = region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'];
  const hasCredentials = [profile, env['AWS_ACCESS_KEY_ID'], env['AWS_PROFILE']].some(Boolean);
  const isEmulator = isLoopback(endpoint);
  return {
    endpoint,
    region: known ?? (isEmulator ? DEFAULT_REGION : undefined),
    credentials: isEmulator && !hasCredentials ? DEVELOPER_KEY : undefined,
    profile,
    owner: undefined,
  };
}
