import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { startRuntime, stopRuntime } from '../../../packages/local/test/wire/support';

/** Something that speaks the wire protocols of SNS and SQS, and the real SDK's clients for it. */
export interface Endpoint {
  readonly url: string;
  readonly accountId: string;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  /** Resolves once what the endpoint does after an answer is done: moves to dead-letter queues. @default at once */
  settle?(): Promise<void>;
  stop(): Promise<void>;
}

/** The local runtime's own engine behind its AWS endpoint, in this process, durable as always. */
export async function startOurs(): Promise<Endpoint> {
  const runtime = await startRuntime();
  const { broker } = runtime;
  return {
    ...endpointAt(runtime.endpoint.url, '000000000000', () => stopRuntime(runtime)),
    // Writes are in order: when this one is durable, those before are.
    settle: async () => {
      const { arn } = await broker.ensureQueue('differential-settled');
      await broker.send(arn, { body: 'x' });
    },
  };
}

export function endpointAt(url: string, accountId: string, stop: () => Promise<void>): Endpoint {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  // An answer is compared as it came: a retry would hide an error, and digests are judged by the comparison.
  const config = { endpoint: url, region: 'us-east-1', credentials, maxAttempts: 1 };
  const sns = new SNSClient(config);
  const sqs = new SQSClient({ ...config, md5: false, useQueueUrlAsEndpoint: false });
  return {
    url,
    accountId,
    sns,
    sqs,
    stop: async () => {
      sns.destroy();
      sqs.destroy();
      await stop();
    },
  };
}
