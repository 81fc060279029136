import { join } from 'node:path';
import type { Hono } from 'hono';
import type { Messaging } from '../../src';
import { createRestApp } from '../../src/rest';
import type { RestOptions } from '../../src/rest';
import { localLocale } from '../../../local/src/engine';
import { LazyKinesis } from '../../../local/src/kinesis';
import { SesAccount } from '../../../local/src/mail';
import { Monitoring } from '../../../local/src/monitoring';
import { temporaryFolder } from '../../../local/test/engine/support';
import { TestMailFolder } from '../../../local/test/mail/support';
import { Lines } from '../../../local/test/support/lines';
import { ManualClock } from '../../../local/test/support/manual-clock';
import { startCloud } from '../support';
import type { Cloud } from '../support';
import { Documented } from './documented';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** Of any answer: that it is as documented has been checked, and tests look for what they expect. */
export interface Body {
  readonly [name: string]: unknown;
  readonly type: string;
  readonly detail: string;
  readonly errors?: readonly { pointer?: string; parameter?: string; header?: string; detail: string }[];
  readonly items: readonly Body[];
  readonly messages: readonly Body[];
  readonly records: readonly Body[];
  readonly sent: readonly Body[];
  readonly findings: readonly Body[];
  readonly nextCursor: string | null;
  readonly name: string;
  readonly id: string;
  readonly kind: string;
  readonly rule: string;
  readonly receiptHandle: string;
  readonly account: Body;
  readonly checked: Body;
  readonly links: Readonly<Record<string, string>>;
}

export interface Sent {
  readonly body?: unknown;
  /** Instead of `body`. */
  readonly text?: string | Uint8Array;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

/** The REST app in this process, over HTTP to a local AWS endpoint with all that it asks for. */
export class Api {
  readonly documented = new Documented();
  readonly clock = new ManualClock();
  readonly mail = new TestMailFolder();
  cloud!: Cloud;
  messaging!: Messaging;
  app!: Hono;
  private kinesis!: LazyKinesis;
  private monitoring!: Monitoring;

  async start(options: Partial<RestOptions> = {}): Promise<void> {
    const { clock } = this;
    const reporter = new Lines();
    this.kinesis = new LazyKinesis({ folder: temporaryFolder(), clock, reporter, locale: localLocale });
    const ses = this.account();
    this.cloud = await startCloud({}, async (broker) => {
      const folder = join(temporaryFolder(), 'alarms');
      this.monitoring = await Monitoring.open({ folder, clock, broker });
      return { kinesis: this.kinesis, monitoring: this.monitoring, ses };
    });
    this.messaging = this.cloud.open();
    this.app = this.create(options);
  }

  /** Another app on the same endpoint. */
  create(options: Partial<RestOptions> = {}): Hono {
    return createRestApp({ messaging: this.messaging, validateResponses: true, ...options });
  }

  private account(): SesAccount {
    const { mailbox, reporter, clock } = this.mail;
    const account = new SesAccount({
      mailbox,
      reporter,
      clock,
      region: 'us-east-1',
      accountId: '000000000000',
    });
    account.add('shop@example.com');
    return account;
  }

  async stop(): Promise<void> {
    await this.monitoring.stop();
    await this.cloud.close();
    await this.kinesis.close();
    this.mail.remove();
  }

  /** `POST /v1/queues`; the answer is as the document says, or this throws. */
  async call(request: string, sent: Sent = {}, app = this.app): Promise<Answer> {
    const [method, path] = request.split(' ') as [string, string];
    const body = sent.text ?? (sent.body === undefined ? undefined : JSON.stringify(sent.body));
    const type = body === undefined ? undefined : { 'content-type': 'application/json' };
    const headers = { ...type, ...sent.headers };
    const response = await app.request(path, { method, body, headers, signal: sent.signal });
    const text = await response.text();
    const answer = {
      status: response.status,
      headers: response.headers,
      // Tests look into bodies where there is one.
      body: (text === '' ? undefined : JSON.parse(text)) as Body,
    };
    const template = this.documented.templateOf(method, path);
    if (template !== undefined && response.status !== 405) this.documented.check(method, template, answer);
    return answer;
  }

  /** As `call`, for what has to go well. */
  async ok(request: string, body?: unknown): Promise<Answer['body']> {
    const answer = await this.call(request, { body });
    if (answer.status >= 300) throw new Error(`${request}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}
