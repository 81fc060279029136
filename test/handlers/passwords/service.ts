import { SNSClient } from '@aws-sdk/client-sns';
import { Accounts } from '../../../handlers/passwords/accounts';
import { changePassword } from '../../../handlers/passwords/change-password';
import type { PasswordChanged } from '../../../handlers/passwords/event';
import { PasswordHasher } from '../../../handlers/passwords/password-hash';
import { registerUser } from '../../../handlers/passwords/register-user';
import { sweepPending, type SweepResult } from '../../../handlers/passwords/sweep-pending';
import { clientConfig } from '../../../handlers/shared/aws';
import { type Item, TestDynamoDb, testEnvironment } from '../../support/dynamodb';
import { apiEvent, type CapturedLog, capturedLog, parsed } from '../../support/events';
import { type LoopbackServer, published, startLoopbackServer } from '../../support/loopback-server';

export const JSON_TYPE = { 'content-type': 'application/json' };
export const TOPIC_ARN = 'arn:aws:sns:us-east-1:000000000000:password-changed';
/** Of the real form, and cheap: tests hash hundreds of times. */
const hasher = new PasswordHasher({ ln: 10, r: 8, p: 1 });
export const START = Date.UTC(2026, 0, 2, 3, 4, 5, 6);

export interface Answered {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: {
    readonly detail?: string;
    readonly errors?: readonly Record<string, string>[];
    readonly changeId?: string;
    readonly changedAt?: string;
    readonly [field: string]: unknown;
  };
}

/** An SNS message: the event and its attributes. */
export interface Publication {
  readonly topicArn: string | null;
  readonly event: PasswordChanged;
  readonly attributes: Readonly<Record<string, string | null>>;
}

/** The functions that keep accounts, with a DynamoDB, a network and an SNS of their own. Time stands still. */
export class PasswordsService {
  /** Milliseconds since the epoch. */
  time = START;

  private constructor(
    readonly dynamodb: TestDynamoDb,
    readonly topic: LoopbackServer,
    readonly sns: SNSClient,
    readonly captured: CapturedLog,
  ) {}

  static async start(): Promise<PasswordsService> {
    const topic = await startLoopbackServer(() => published);
    const sns = new SNSClient({ ...clientConfig('SNS', testEnvironment(topic.url)), maxAttempts: 1 });
    return new PasswordsService(await TestDynamoDb.start(), topic, sns, capturedLog());
  }

  /** As it was at the start, but for the accounts. */
  heal(): void {
    this.time = START;
    this.dynamodb.heal();
    this.topic.respond = () => published;
    this.topic.requests.length = 0;
    this.captured.lines.length = 0;
  }

  async close(): Promise<void> {
    this.sns.destroy();
    await this.topic.close();
    await this.dynamodb.close();
  }

  accounts(patient = false): Accounts {
    return new Accounts(patient ? this.dynamodb.patient : this.dynamodb.client, 'accounts');
  }

  private readonly now = (): number => this.time;

  /** @param patient the SDK tries again, as it does in Lambda */
  register(userId: string, body: unknown, patient = false): Promise<Answered> {
    const event = apiEvent({
      pathParameters: { userId },
      headers: JSON_TYPE,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const { log } = this.captured;
    return answered(registerUser(event, { accounts: this.accounts(patient), hasher, log, now: this.now }));
  }

  change(
    userId: string,
    body: unknown,
    { headers = {}, patient = false }: { headers?: Record<string, string>; patient?: boolean } = {},
  ): Promise<Answered> {
    const event = apiEvent({
      pathParameters: { userId },
      headers: { ...JSON_TYPE, ...headers },
      requestContext: { http: { sourceIp: '203.0.113.7' } } as never,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const { log } = this.captured;
    return answered(
      changePassword(event, {
        accounts: this.accounts(patient),
        hasher,
        sns: this.sns,
        topicArn: TOPIC_ARN,
        log,
        now: this.now,
      }),
    );
  }

  sweep(remainingMs: () => number = () => 60_000): Promise<SweepResult> {
    return sweepPending({
      dynamodb: this.dynamodb.client,
      accounts: this.accounts(),
      table: 'accounts',
      index: 'pending',
      sns: this.sns,
      topicArn: TOPIC_ARN,
      log: this.captured.log,
      remainingMs,
      now: this.now,
    });
  }

  item(userId: string): Promise<Item | undefined> {
    return this.dynamodb.item('accounts', { userId: { S: userId } });
  }

  /** Ids of the changes that SNS may not have taken yet. */
  async pending(userId: string): Promise<string[]> {
    return Object.keys((await this.item(userId))?.pendingEvents?.M ?? {});
  }

  publications(): Publication[] {
    return this.topic.requests.map(({ body }) => {
      const form = new URLSearchParams(body);
      const attributes = [1, 2].map((index) => {
        const entry = `MessageAttributes.entry.${index}`;
        return [form.get(`${entry}.Name`), form.get(`${entry}.Value.StringValue`)] as const;
      });
      return {
        topicArn: form.get('TopicArn'),
        event: JSON.parse(form.get('Message') ?? '') as PasswordChanged,
        attributes: Object.fromEntries(attributes) as Record<string, string | null>,
      };
    });
  }
}

async function answered(response: ReturnType<typeof registerUser>): Promise<Answered> {
  const { headers = {} } = await response;
  return { ...parsed<Answered['body']>(await response), headers };
}
