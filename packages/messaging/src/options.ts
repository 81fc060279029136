import type { Clock } from './clock';
import type { FieldError } from './errors';
import { refuse } from './errors';

/** Where credentials come from. Absent: the SDK's default chain (environment, SSO, files, web identity, container, instance). */
export type CredentialsOptions =
  | { readonly kind: 'environment' }
  /** A profile of `~/.aws/config` and `~/.aws/credentials`; `file` takes the place of the latter. */
  | { readonly kind: 'profile'; readonly profile?: string; readonly file?: string }
  /** A JSON file `{"accessKeyId", "secretAccessKey", "sessionToken"?, "region"?}`, readable by its owner only. */
  | { readonly kind: 'file'; readonly path: string }
  | {
      readonly kind: 'static';
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      readonly sessionToken?: string;
    }
  | RoleCredentials
  /** A profile that signs in with IAM Identity Center; `aws sso login` has to have been run. */
  | { readonly kind: 'sso'; readonly profile?: string }
  /** ECS, EKS Pod Identity: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI. */
  | { readonly kind: 'container' };

export interface RoleCredentials {
  readonly kind: 'role';
  readonly roleArn: string;
  /** @default 'aws-micro' */
  readonly sessionName?: string;
  readonly externalId?: string;
  /** 900 to 43,200. @default 3600 */
  readonly durationSeconds?: number;
  /** Who assumes the role. @default the SDK's default chain */
  readonly source?: CredentialsOptions;
}

/** Bodies over the threshold are stored in S3; the message carries where. */
export interface LargeMessageOptions {
  readonly bucket: string;
  /** Begin of the objects' keys. @default 'messages/' */
  readonly prefix?: string;
  /** Body and attributes together, in bytes. @default 262144, what SNS carries */
  readonly thresholdBytes?: number;
  /**
   * The object is removed with the message. Not for messages that came over a topic: its other
   * receivers may still need the object. A lifecycle rule of the bucket removes the rest.
   *
   * @default false
   */
  readonly deleteWhenDone?: boolean;
}

export interface MessagingOptions {
  /** @default the credentials file's, AWS_REGION, the profile's */
  readonly region?: string;
  /** Another endpoint for all services: `http://127.0.0.1:4566`. @default AWS's own */
  readonly endpoint?: string;
  readonly credentials?: CredentialsOptions;
  /** `http://user:password@proxy:3128`. @default HTTPS_PROXY or HTTP_PROXY, unless NO_PROXY names the host */
  readonly proxy?: string;
  /** Only resources whose name begins so are seen, made, touched. @default '' */
  readonly prefix?: string;
  readonly largeMessages?: LargeMessageOptions;
  /** Tries of one call, the first included. @default 3 */
  readonly maxAttempts?: number;
  /** How long one try of a call may take; a long poll takes its wait time on top. @default 30000 */
  readonly requestTimeoutMs?: number;
  readonly clock?: Clock;
}

/** The options that are always needed, with their defaults. */
export interface Settings extends MessagingOptions {
  readonly prefix: string;
  readonly maxAttempts: number;
  readonly requestTimeoutMs: number;
}

export function settingsOf(options: MessagingOptions): Settings {
  const settings = { ...options, ...defaultsOf(options) };
  refuse([
    ...generalErrors(settings),
    ...credentialErrors(options.credentials),
    ...largeErrors(options.largeMessages),
  ]);
  return settings;
}

function defaultsOf({ prefix = '', maxAttempts = 3, requestTimeoutMs = 30_000 }: MessagingOptions) {
  return { prefix, maxAttempts, requestTimeoutMs };
}

function generalErrors(settings: Settings): FieldError[] {
  const errors: FieldError[] = [];
  const { region, endpoint, proxy, prefix, maxAttempts, requestTimeoutMs } = settings;
  const check = (field: string, ok: boolean, detail: string) => ok || errors.push({ field, detail });
  check('region', region === undefined || /^[a-z0-9-]{1,32}$/.test(region), `"${region}" is not a region`);
  check('endpoint', endpoint === undefined || isHttpUrl(endpoint), 'must be an http or https URL');
  check('proxy', proxy === undefined || isHttpUrl(proxy), 'must be an http or https URL');
  check(
    'prefix',
    /^[A-Za-z0-9_-]{0,60}$/.test(prefix),
    'at most 60 letters, digits, hyphens and underscores',
  );
  check('maxAttempts', isWhole(maxAttempts, 1, 20), 'must be a whole number from 1 to 20');
  check('requestTimeoutMs', isWhole(requestTimeoutMs, 1, 900_000), 'must be a whole number from 1 to 900000');
  return errors;
}

/** What each kind of credentials cannot do without. */
const NEEDED: Readonly<Record<CredentialsOptions['kind'], readonly string[]>> = {
  environment: [],
  profile: [],
  file: ['path'],
  static: ['accessKeyId', 'secretAccessKey'],
  role: ['roleArn'],
  sso: [],
  container: [],
};

function credentialErrors(credentials: CredentialsOptions | undefined, field = 'credentials'): FieldError[] {
  if (credentials === undefined) return [];
  if (!Object.hasOwn(NEEDED, credentials.kind)) {
    return [{ field: `${field}.kind`, detail: `must be one of ${Object.keys(NEEDED).join(', ')}` }];
  }
  const given = new Map<string, unknown>(Object.entries(credentials));
  const missing = NEEDED[credentials.kind].filter(
    (name) => typeof given.get(name) !== 'string' || !given.get(name),
  );
  const errors = missing.map((name) => ({ field: `${field}.${name}`, detail: 'is missing' }));
  return credentials.kind === 'role'
    ? [...errors, ...credentialErrors(credentials.source, `${field}.source`)]
    : errors;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

function largeErrors(large: LargeMessageOptions | undefined): FieldError[] {
  if (large === undefined) return [];
  const errors: FieldError[] = [];
  const check = (field: string, ok: boolean, detail: string) =>
    ok || errors.push({ field: `largeMessages.${field}`, detail });
  check('bucket', BUCKET.test(large.bucket), `"${large.bucket}" is not the name of a bucket`);
  check('prefix', (large.prefix ?? '').length <= 900, 'at most 900 characters');
  const threshold = large.thresholdBytes ?? 1;
  check('thresholdBytes', isWhole(threshold, 0, 1_048_576), 'must be a whole number from 0 to 1048576');
  return errors;
}

export function isWhole(value: unknown, from: number, to: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to;
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
