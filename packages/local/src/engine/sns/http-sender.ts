import { request as requestHttp, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Clock } from '../../clock';
import type { Letter } from './letter';
import { isLoopback } from './subscription-endpoint';
import type { SubscriptionRecord } from './subscription';

/** How a delivery ended. */
export type Outcome =
  | { readonly kind: 'done'; readonly answer: string }
  /** Worth another try. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** The same would be answered again. */
  | { readonly kind: 'refused'; readonly reason: string };

// https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.prepare.html
const TIMEOUT_MS = 15_000;
const CONFIRMATION_TYPE = 'text/plain; charset=UTF-8';

// Names below localhost mean this machine, whatever a name server says.
const lookup: LookupFunction = (hostname, options, callback) => {
  const [address, family] = hostname === '::1' ? (['::1', 6] as const) : (['127.0.0.1', 4] as const);
  if (options.all) callback(null, [{ address, family }]);
  else callback(null, address, family);
};

/** Posts to endpoints on this machine. */
export class HttpSender {
  private readonly http = new HttpAgent({ keepAlive: true, lookup });
  // Certificates on the loopback interface are self-signed, and nobody is in between.
  private readonly https = new HttpsAgent({ keepAlive: true, lookup, rejectUnauthorized: false });

  constructor(private readonly clock: Clock) {}

  /** Never rejects. */
  async post(
    record: SubscriptionRecord,
    letter: Letter,
    contentType: string,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const timeout = new AbortController();
    const timer = this.clock.schedule(TIMEOUT_MS, () => timeout.abort());
    try {
      const status = await this.send(record, letter, contentType, AbortSignal.any([signal, timeout.signal]));
      return outcomeOf(status);
    } catch (error) {
      const text = timeout.signal.aborted
        ? `no answer within ${TIMEOUT_MS / 1000} seconds`
        : (error as Error).message || String((error as { code?: string }).code);
      return { kind: 'failed', reason: text };
    } finally {
      timer.cancel();
    }
  }

  close(): void {
    this.http.destroy();
    this.https.destroy();
  }

  private send(
    record: SubscriptionRecord,
    letter: Letter,
    contentType: string,
    signal: AbortSignal,
  ): Promise<number> {
    const url = new URL(record.endpoint);
    if (!isLoopback(url.hostname)) throw new Error(`${url.hostname} is not this machine`);
    const secure = url.protocol === 'https:';
    const options = {
      method: 'POST',
      agent: secure ? this.https : this.http,
      headers: headersOf(record, letter, contentType),
      auth:
        url.username === ''
          ? undefined
          : `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`,
      signal,
    };
    return new Promise((resolve, reject) => {
      const request = (secure ? requestHttps : requestHttp)(url, options, (response) => {
        response.on('error', reject).on('end', () => resolve(response.statusCode ?? 0));
        response.resume();
      });
      request.on('error', reject).end(letter.body);
    });
  }
}

function headersOf(record: SubscriptionRecord, letter: Letter, contentType: string) {
  const { type, messageId, raw, body } = letter;
  return {
    'x-amz-sns-message-type': type,
    'x-amz-sns-message-id': messageId,
    'x-amz-sns-topic-arn': record.topicArn,
    ...(type !== 'SubscriptionConfirmation' && { 'x-amz-sns-subscription-arn': record.arn }),
    ...(raw && { 'x-amz-sns-rawdelivery': 'true' }),
    'content-type': type === 'Notification' ? contentType : CONFIRMATION_TYPE,
    'content-length': Buffer.byteLength(body),
    'user-agent': 'Amazon Simple Notification Service Agent',
  };
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html: what the client has wrong is not tried again. */
function outcomeOf(status: number): Outcome {
  if (status >= 200 && status < 300) return { kind: 'done', answer: String(status) };
  const reason = `it answered ${status}`;
  return status === 429 || status >= 500 ? { kind: 'failed', reason } : { kind: 'refused', reason };
}
