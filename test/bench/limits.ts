import type { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { parentPort } from 'node:worker_threads';
import { Worker } from 'node:worker_threads';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Connection } from 'mysql2/promise';
import { HttpClient, runConcurrently } from '../support/load';
import { perSecond } from './measure';

/**
 * What the parts of the pipeline do by themselves on this machine, measured in the same run: no pipeline made of them
 * can be faster. Each server runs in a thread of its own, as the runtime runs in a process of its own.
 */

const ANSWERS = {
  http: '{}',
  sns:
    '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>' +
    '<MessageId>00000000-0000-4000-8000-000000000000</MessageId></PublishResult><ResponseMetadata>' +
    '<RequestId>00000000-0000-4000-8000-000000000000</RequestId></ResponseMetadata></PublishResponse>',
};

/** Requests per second of an HTTP server that does nothing, at concurrency 32. */
export async function bareHttp(count: number): Promise<number> {
  const server = await startBareServer(ANSWERS.http);
  const client = new HttpClient(32);
  const post = { url: server.url, body: '{"message":"hello"}' };
  const run = (): Promise<void> => runConcurrently(count, 32, async () => void (await client.post(post)));
  await runConcurrently(200, 32, async () => void (await client.post(post)));
  const rate = await perSecond(count, run);
  client.close();
  await server.stop();
  return rate;
}

/** Publishes per second of `@aws-sdk/client-sns` as it comes, in one process, against a server that only answers. */
export async function bareClientSns(count: number): Promise<number> {
  const server = await startBareServer(ANSWERS.sns);
  const client = new SNSClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const publish = async (): Promise<void> => {
    await client.send(
      new PublishCommand({
        TopicArn: 'arn:aws:sns:us-east-1:000000000000:t',
        Message: '{"message":"hello"}',
      }),
    );
  };
  await runConcurrently(300, 32, publish);
  const rate = await perSecond(count, () => runConcurrently(count, 32, publish));
  client.destroy();
  await server.stop();
  return rate;
}

/** Committed rows per second of one mysql2 connection, `batch` rows to a statement, one statement after the other. */
export async function bareInserts(
  connection: Connection,
  batch: number,
  statements: number,
): Promise<number> {
  await connection.query('CREATE DATABASE IF NOT EXISTS bench');
  await connection.query(
    'CREATE TABLE IF NOT EXISTS bench.bare_rows (id BIGINT AUTO_INCREMENT PRIMARY KEY, message_id CHAR(36), message TEXT)',
  );
  const rows = Array.from({ length: batch }, () => ['00000000-0000-4000-8000-000000000000', 'hello']);
  const rate = await perSecond(batch * statements, async () => {
    for (let index = 0; index < statements; index++) {
      await connection.query('INSERT INTO bench.bare_rows (message_id, message) VALUES ?', [rows]);
    }
  });
  await connection.query('DROP DATABASE bench');
  return rate;
}

interface BareServer {
  readonly url: string;
  stop(): Promise<void>;
}

async function startBareServer(answer: string): Promise<BareServer> {
  const worker = new Worker(`(${serve.toString()})(require('node:worker_threads'), require('node:http'))`, {
    eval: true,
    workerData: answer,
  });
  const port = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  return { url: `http://127.0.0.1:${port}`, stop: async () => void (await worker.terminate()) };
}

/** Runs in the thread; it may use nothing but its parameters. */
function serve(
  threads: { workerData: unknown; parentPort: typeof parentPort },
  http: { createServer: typeof createServer },
): void {
  const server = http.createServer((incoming, outgoing) => {
    incoming.resume();
    incoming.on('end', () => outgoing.end(threads.workerData));
  });
  server.listen(0, '127.0.0.1', () => {
    threads.parentPort?.postMessage((server.address() as AddressInfo).port);
  });
}
