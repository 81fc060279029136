import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReceivedMessage, Reporter } from '../../src/contracts';
import type { BrokerOptions } from '../../src/engine';
import { Broker } from '../../src/engine';

/** Keeps what is reported. */
export class Lines implements Reporter {
  readonly events: string[] = [];
  readonly warnings: string[] = [];

  event(scope: string, text: string): void {
    this.events.push(`${scope}: ${text}`);
  }

  warn(scope: string, text: string): void {
    this.warnings.push(`${scope}: ${text}`);
  }
}

const opened: Broker[] = [];
const folders: string[] = [];

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'aws-micro-engine-'));
  folders.push(folder);
  return folder;
}

export async function openBroker(options: Partial<BrokerOptions> = {}): Promise<Broker> {
  const broker = await Broker.open({ folder: temporaryFolder(), ...options });
  opened.push(broker);
  return broker;
}

/** Closes what the test opened. */
export async function cleanUp(): Promise<void> {
  for (const broker of opened.splice(0)) await broker.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** Receives at once. */
export function receive(broker: Broker, queueArn: string, maxMessages = 10, visibilitySeconds?: number) {
  return broker.receive(queueArn, { maxMessages, waitSeconds: 0, visibilitySeconds });
}

export function bodies(messages: readonly ReceivedMessage[]): string[] {
  return messages.map((message) => message.body);
}

/** A queue policy that lets a topic deliver. */
export function allowTopic(topicArn: string, queueArn: string): string {
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 'sns.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: queueArn,
    Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
  };
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
}

/** Lets writes that nobody waits for reach the disk. */
export async function settle(broker: Broker): Promise<void> {
  await broker.queues.store.commit([]);
}
