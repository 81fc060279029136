import type { CloudWatch } from '@aws-sdk/client-cloudwatch';
import type { Kinesis } from '@aws-sdk/client-kinesis';
import type { Lambda } from '@aws-sdk/client-lambda';
import type { S3 } from '@aws-sdk/client-s3';
import type { SESv2 } from '@aws-sdk/client-sesv2';
import type { SNS } from '@aws-sdk/client-sns';
import type { SQS } from '@aws-sdk/client-sqs';
import type { STS } from '@aws-sdk/client-sts';
import type { Clock } from './clock';
import { systemClock } from './clock';
import type { CredentialsProvider } from './credentials';
import { credentialsProvider, kept, readCredentialsFile } from './credentials';
import { asMessagingError, attempt, invalid, MessagingError } from './errors';
import { MessagingEvents } from './events';
import { LargeMessages } from './large';
import type { ResourceKind } from './names';
import { checkName, parseArn } from './names';
import type { MessagingOptions, Settings } from './options';
import { settingsOf } from './options';
import { HttpHandler } from './proxy';

/** Who calls AWS. */
export interface Identity {
  readonly accountId: string;
  readonly arn: string;
}

/** Something that runs until it is closed: a consumer, a watcher, a requester. */
export interface Closeable {
  close(): Promise<void>;
}

/** What every client of the SDK is made of. */
interface ClientConfig {
  readonly region: () => Promise<string>;
  readonly credentials: CredentialsProvider;
  readonly requestHandler: HttpHandler;
  readonly maxAttempts: number;
  readonly endpoint?: string;
}

interface Destroyable {
  destroy(): void;
}

/**
 * AWS as the library's parts see it: a client a service, made when it is first asked for, and names made
 * URLs and ARNs. Every call goes through `attempt`, which turns what the SDK throws into the library's error.
 *
 * @example
 * await aws.attempt(`purging queue "${name}"`, async () =>
 *   (await aws.sqs()).purgeQueue({ QueueUrl: await aws.queueUrl(name) }),
 * );
 */
export class Aws {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly events: MessagingEvents;
  readonly large: LargeMessages;
  private readonly handler: HttpHandler;
  private readonly config: ClientConfig;
  private readonly clients = new Map<string, Promise<Destroyable>>();
  private readonly running = new Set<Closeable>();
  private readonly queueUrls = new Map<string, Promise<string>>();
  private regionFound?: Promise<string>;
  private identityFound?: Promise<Identity>;
  private closing?: Promise<void>;
  private closed = false;

  constructor(options: MessagingOptions = {}) {
    this.settings = settingsOf(options);
    this.clock = options.clock ?? systemClock;
    this.events = new MessagingEvents(() => this.clock.now());
    this.handler = new HttpHandler(this.settings);
    this.config = this.clientConfig();
    this.large = new LargeMessages(this);
  }

  sqs(): Promise<SQS> {
    // A queue's URL names AWS's own host, which is not where another endpoint is.
    const more = this.settings.endpoint === undefined ? {} : { useQueueUrlAsEndpoint: false };
    return this.client('sqs', async () => {
      const { SQS } = await import('@aws-sdk/client-sqs');
      return new SQS({ ...this.config, ...more });
    });
  }

  sns(): Promise<SNS> {
    return this.client('sns', async () => {
      const { SNS } = await import('@aws-sdk/client-sns');
      return new SNS(this.config);
    });
  }

  s3(): Promise<S3> {
    return this.client('s3', async () => {
      const { S3 } = await import('@aws-sdk/client-s3');
      // A bucket is a part of the host's name at AWS only.
      return new S3({ ...this.config, forcePathStyle: this.settings.endpoint !== undefined });
    });
  }

  cloudWatch(): Promise<CloudWatch> {
    return this.client('cloudwatch', async () => {
      const { CloudWatch } = await import('@aws-sdk/client-cloudwatch');
      return new CloudWatch(this.config);
    });
  }

  lambda(): Promise<Lambda> {
    return this.client('lambda', async () => {
      const { Lambda } = await import('@aws-sdk/client-lambda');
      return new Lambda(this.config);
    });
  }

  kinesis(): Promise<Kinesis> {
    return this.client('kinesis', async () => {
      const { Kinesis } = await import('@aws-sdk/client-kinesis');
      // The client's own handler speaks HTTP/2; this one knows the proxy and the timeouts.
      return new Kinesis(this.config);
    });
  }

  ses(): Promise<SESv2> {
    return this.client('ses', async () => {
      const { SESv2 } = await import('@aws-sdk/client-sesv2');
      return new SESv2(this.config);
    });
  }

  sts(): Promise<STS> {
    return this.client('sts', async () => {
      const { STS } = await import('@aws-sdk/client-sts');
      return new STS(this.config);
    });
  }

  /** Runs calls of clients; what they throw becomes a MessagingError that begins with `doing`. */
  async attempt<T>(doing: string, call: () => Promise<T>): Promise<T> {
    this.checkOpen();
    return attempt(doing, call);
  }

  /** The options' region, the credentials file's, AWS_REGION, the profile's; with another endpoint at last us-east-1. */
  region(): Promise<string> {
    return (this.regionFound ??= this.findRegion());
  }

  /** Who calls: asked once. A failure is not kept. */
  identity(): Promise<Identity> {
    this.identityFound ??= this.findIdentity().catch((error: unknown) => {
      this.identityFound = undefined;
      throw error;
    });
    return this.identityFound;
  }

  async accountId(): Promise<string> {
    return (await this.identity()).accountId;
  }

  /** The URL of a queue of this account, asked once a name. */
  queueUrl(name: string): Promise<string> {
    let url = this.queueUrls.get(name);
    if (url === undefined) {
      url = this.findQueueUrl(name);
      this.queueUrls.set(name, url);
      url.catch(() => this.queueUrls.delete(name));
    }
    return url;
  }

  /** Keeps a URL that is known already; without one, forgets what was known. */
  rememberQueueUrl(name: string, url?: string): void {
    if (url === undefined) this.queueUrls.delete(name);
    else this.queueUrls.set(name, Promise.resolve(url));
  }

  queueArn(name: string): Promise<string> {
    return this.arn('sqs', name);
  }

  topicArn(name: string): Promise<string> {
    return this.arn('sns', name);
  }

  /** `arn:<partition>:<service>:<region>:<account>:<resource>` of this account and region. */
  async arn(service: string, resource: string): Promise<string> {
    const [{ accountId, arn }, region] = await Promise.all([this.identity(), this.region()]);
    return `arn:${parseArn(arn)?.partition ?? 'aws'}:${service}:${region}:${accountId}:${resource}`;
  }

  /** Throws 'invalid' for what cannot be a name, 'denied' for one outside of the prefix. */
  checkName(kind: ResourceKind, name: string, field?: string): void {
    this.checkOpen();
    checkName(kind, name, this.settings.prefix, field);
  }

  /** Whether the prefix allows a name to be seen. */
  isVisible(name: string): boolean {
    return name.startsWith(this.settings.prefix);
  }

  /** Remembers what has to be closed before the clients; answers what forgets it. Throws 'closed' when it is too late. */
  track(closeable: Closeable): () => void {
    if (this.closing !== undefined) throw closedError();
    this.running.add(closeable);
    return () => void this.running.delete(closeable);
  }

  checkOpen(): void {
    if (this.closed) throw closedError();
  }

  /** Closes what is tracked, then the clients. */
  close(): Promise<void> {
    return (this.closing ??= this.shutDown());
  }

  private async shutDown(): Promise<void> {
    // What was made last may need what was made before it.
    const closings = [...this.running].reverse().map((closeable) => closeable.close());
    const results = await Promise.allSettled(closings);
    this.closed = true;
    const clients = await Promise.allSettled(this.clients.values());
    for (const client of clients) if (client.status === 'fulfilled') client.value.destroy();
    this.handler.destroy();
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw asMessagingError(failed.reason, 'closing');
  }

  private client<T extends Destroyable>(name: string, make: () => Promise<T>): Promise<T> {
    if (this.closed) return Promise.reject(closedError());
    let client = this.clients.get(name) as Promise<T> | undefined;
    if (client === undefined) this.clients.set(name, (client = make()));
    return client;
  }

  private clientConfig(): ClientConfig {
    const { endpoint, maxAttempts, credentials } = this.settings;
    const region = () => this.region();
    const now = () => this.clock.now();
    const context = { region, endpoint, requestHandler: this.handler, maxAttempts, now };
    return {
      region,
      credentials: kept(credentialsProvider(credentials, context), now),
      requestHandler: this.handler,
      maxAttempts,
      ...(endpoint !== undefined && { endpoint }),
    };
  }

  private async findRegion(): Promise<string> {
    const { region, credentials, endpoint } = this.settings;
    if (region !== undefined) return region;
    if (credentials?.kind === 'file') {
      const file = await readCredentialsFile(credentials.path);
      if (file.region !== undefined) return file.region;
    }
    const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
    const found = AWS_REGION || AWS_DEFAULT_REGION || (await this.profileRegion());
    if (found) return found;
    if (endpoint !== undefined) return 'us-east-1';
    throw invalid([
      { field: 'region', detail: 'is missing: neither the options, AWS_REGION nor the profile has one' },
    ]);
  }

  private async profileRegion(): Promise<string | undefined> {
    const { credentials } = this.settings;
    const profile = credentials !== undefined && 'profile' in credentials ? credentials.profile : undefined;
    const { STS } = await import('@aws-sdk/client-sts');
    const sts = new STS(profile === undefined ? {} : { profile });
    try {
      return await sts.config.region();
    } catch {
      // The SDK throws where no file has one.
      return undefined;
    } finally {
      sts.destroy();
    }
  }

  private async findIdentity(): Promise<Identity> {
    return this.attempt('asking who calls AWS', async () => {
      const { Account, Arn } = await (await this.sts()).getCallerIdentity({});
      return { accountId: Account!, arn: Arn! };
    });
  }

  private findQueueUrl(name: string): Promise<string> {
    return this.attempt(`looking for queue "${name}"`, async () => {
      const { QueueUrl } = await (await this.sqs()).getQueueUrl({ QueueName: name });
      return QueueUrl!;
    });
  }
}

function closedError(): MessagingError {
  return new MessagingError('closed', 'This Messaging was closed');
}
