import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import type { Endpoint } from './endpoint';
import { Normalizer } from './normalize';
import type { Json, JsonObject, Outcome, Step } from './step';
import { SKIPPED } from './step';

type CommandClass = new (input: object) => object;

/** One sequence's view of an endpoint: what it made there, under names that no other sequence uses. */
export class World {
  private readonly handles: string[] = [];
  private readonly subscriptions: string[] = [];
  private readonly urls = new Map<string, string>();
  private redrives = false;
  private readonly normalizer: Normalizer;

  constructor(
    private readonly endpoint: Endpoint,
    private readonly prefix: string,
  ) {
    this.normalizer = new Normalizer(prefix, endpoint.accountId);
  }

  async perform({ operation, input }: Step): Promise<Outcome> {
    const resolved = this.resolve(input);
    this.redrives ||= JSON.stringify(input).includes('RedrivePolicy');
    if (resolved === undefined) return SKIPPED;
    try {
      const answer = await this.send(operation, resolved);
      if (operation === 'Subscribe') this.subscriptions.push(String(answer['SubscriptionArn']));
      if (operation === 'CreateQueue') this.rememberUrl(String(answer['QueueUrl']));
      const outcome = this.normalizer.answer(operation, resolved, answer);
      if (operation === 'ReceiveMessage') {
        this.handles.push(...this.normalizer.takeHandles());
        if (this.redrives) await this.endpoint.settle?.();
      }
      return outcome;
    } catch (error) {
      return errorOf(error);
    }
  }

  private send(operation: string, input: object): Promise<Record<string, unknown>> {
    const name = `${operation}Command`;
    const forQueues = (sqs as unknown as Record<string, CommandClass>)[name];
    // Both services have AddPermission and RemovePermission; the input tells which is meant.
    if (forQueues && !('TopicArn' in input)) {
      return this.endpoint.sqs.send(new forQueues(input) as sqs.GetQueueUrlCommand) as never;
    }
    const forTopics = (sns as unknown as Record<string, CommandClass>)[name];
    if (!forTopics) throw new TypeError(`there is no operation ${operation}`);
    return this.endpoint.sns.send(new forTopics(input) as sns.ListTopicsCommand) as never;
  }

  /** The input with its placeholders filled in; undefined if there is nothing yet that one could stand for. */
  private resolve(input: JsonObject): Record<string, unknown> | undefined {
    let missing = false;
    const text = JSON.stringify(input).replace(
      /\$(name|url|arn|subscription|handle|repeat)\(([^)]*)\)/g,
      (_, kind: string, argument: string) => {
        const value = this.valueOf(kind, argument);
        missing ||= value === undefined;
        return value ?? '';
      },
    );
    return missing ? undefined : (JSON.parse(text, revive) as Record<string, unknown>);
  }

  private valueOf(kind: string, argument: string): string | undefined {
    switch (kind) {
      case 'subscription':
        return this.subscriptions[Number(argument) % this.subscriptions.length];
      case 'handle':
        return this.handles[Number(argument) % this.handles.length];
      case 'repeat': {
        const [unit = '', times] = argument.split(',');
        return unit.repeat(Number(times));
      }
      case 'name':
        return this.nameOf(argument);
      case 'url':
        return this.urlOf(this.nameOf(argument));
      default: {
        const service = /^[qf]/.test(argument) ? 'sqs' : 'sns';
        return `arn:aws:${service}:us-east-1:${this.endpoint.accountId}:${this.nameOf(argument)}`;
      }
    }
  }

  private urlOf(name: string): string {
    return this.urls.get(name) ?? `${this.endpoint.url}/${this.endpoint.accountId}/${name}`;
  }

  private rememberUrl(url: string): void {
    this.urls.set(url.slice(url.lastIndexOf('/') + 1), url);
  }

  private nameOf(slot: string): string {
    return `${this.prefix}${slot}${/^[fu]/.test(slot) ? '.fifo' : ''}`;
  }
}

function revive(_key: string, value: unknown): unknown {
  const bytes = (value as { $base64?: Json } | null)?.$base64;
  return typeof bytes === 'string' ? Uint8Array.from(Buffer.from(bytes, 'base64')) : value;
}

function errorOf(error: unknown): Outcome {
  const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  // Without an answer there is nothing to compare: the endpoint or the step is broken.
  if (name === undefined || $metadata?.httpStatusCode === undefined) throw error;
  return { error: name, status: $metadata.httpStatusCode };
}
