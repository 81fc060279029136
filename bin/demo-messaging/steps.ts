import { answer } from './client';
import type { MessagingClient } from './client';

/** What the steps work on, and what they leave to each other. */
export interface Scene {
  readonly client: MessagingClient;
  readonly queue: string;
  readonly topic: string;
  readonly alarm: string;
  subscription?: string;
}

export interface Step {
  readonly title: string;
  /** Whether it takes away what an earlier one made: done even if a step between them failed. */
  readonly cleansUp?: boolean;
  /** @returns what was seen, in a few words */
  run(scene: Scene): Promise<string>;
}

/** How long a message may take to its queue. */
const DELIVERY_SECONDS = 5;

/** Everything that the framework does with queues, topics and alarms, in the order in which one meets it. */
export const steps: readonly Step[] = [
  {
    title: 'Create a queue',
    run: async ({ client, queue }) => {
      const { arn } = await answer(client.POST('/v1/queues', { body: { name: queue } }));
      return arn;
    },
  },
  {
    title: 'Create a topic',
    run: async ({ client, topic }) => {
      const { arn } = await answer(client.POST('/v1/topics', { body: { name: topic } }));
      return arn;
    },
  },
  {
    title: 'List the queues',
    run: async ({ client, queue }) => {
      const { items } = await answer(client.GET('/v1/queues', { params: { query: { prefix: queue } } }));
      return expectOne(items, queue);
    },
  },
  {
    title: 'List the topics',
    run: async ({ client, topic }) => {
      const { items } = await answer(client.GET('/v1/topics', { params: { query: { prefix: topic } } }));
      return expectOne(items, topic);
    },
  },
  {
    title: 'Show the queue',
    run: async ({ client, queue }) => {
      const info = await answer(client.GET('/v1/queues/{queue}', { params: { path: { queue } } }));
      return `${info.visible} visible, ${info.inFlight} in flight, kept for ${info.retentionSeconds / 86_400} days`;
    },
  },
  {
    title: 'Show the topic',
    run: async ({ client, topic }) => {
      const info = await answer(client.GET('/v1/topics/{topic}', { params: { path: { topic } } }));
      return `${info.subscriptionsConfirmed} subscriptions`;
    },
  },
  {
    title: 'Send a message to the queue',
    run: async ({ client, queue }) => {
      const params = { path: { queue } };
      const body = { body: 'Hello, queue' };
      return (await answer(client.POST('/v1/queues/{queue}/messages', { params, body }))).messageId;
    },
  },
  {
    title: 'Publish a message to the topic, which nobody hears yet',
    run: ({ client, topic }) => publish(client, topic, 'Is anybody there?'),
  },
  {
    title: 'Subscribe the queue to the topic',
    run: async (scene) => {
      const body = { topic: scene.topic, protocol: 'sqs' as const, endpoint: scene.queue };
      const { id } = await answer(scene.client.POST('/v1/subscriptions', { body }));
      if (id === null)
        throw new Error('the subscription of a queue needs no confirmation, and waits for one');
      scene.subscription = id;
      return id;
    },
  },
  {
    title: 'Publish a message to the topic; it arrives in the queue',
    run: async ({ client, topic, queue }) => {
      await publish(client, topic, 'Hello, subscribers');
      const messages = await receive(client, queue, 2);
      return messages.map(({ body }) => JSON.stringify(body)).join(' and ');
    },
  },
  {
    title: 'Receive a message, and delete it',
    run: async ({ client, queue }) => {
      await answer(
        client.POST('/v1/queues/{queue}/messages', {
          params: { path: { queue } },
          body: { body: 'Last one' },
        }),
      );
      return (await receive(client, queue, 1)).map(({ body }) => JSON.stringify(body)).join();
    },
  },
  {
    title: 'Delete the subscription',
    cleansUp: true,
    run: async ({ client, subscription }) => {
      await answer(client.DELETE('/v1/subscriptions/{id}', { params: { path: { id: subscription ?? '' } } }));
      return 'the queue lets the topic in no more';
    },
  },
  {
    title: 'Delete the topic',
    cleansUp: true,
    run: async ({ client, topic }) => {
      await answer(client.DELETE('/v1/topics/{topic}', { params: { path: { topic } } }));
      return topic;
    },
  },
  {
    title: 'Delete the queue',
    cleansUp: true,
    run: async ({ client, queue }) => {
      await answer(client.DELETE('/v1/queues/{queue}', { params: { path: { queue } } }));
      return queue;
    },
  },
  {
    title: 'Create an alarm',
    run: async ({ client, alarm }) => {
      const metric = { namespace: 'Demo', name: 'WaitingVisitors' };
      const body = { name: alarm, metric, comparison: '>=' as const, threshold: 100 };
      const info = await answer(client.POST('/v1/alarms', { body }));
      return `${info.name} is ${info.state}`;
    },
  },
  {
    title: 'Set the alarm off',
    run: async ({ client, alarm }) => {
      const params = { path: { alarm } };
      const body = { state: 'alarm' as const, reason: 'To see what happens' };
      await answer(client.PUT('/v1/alarms/{alarm}/state', { params, body }));
      const info = await answer(client.GET('/v1/alarms/{alarm}', { params }));
      return `${info.state}: ${info.stateReason}`;
    },
  },
  {
    title: 'Delete the alarm',
    cleansUp: true,
    run: async ({ client, alarm }) => {
      await answer(client.DELETE('/v1/alarms/{alarm}', { params: { path: { alarm } } }));
      return alarm;
    },
  },
];

function expectOne(items: readonly { readonly name: string }[], name: string): string {
  if (!items.some((item) => item.name === name)) throw new Error(`${name} is not in the list`);
  return items.map((item) => item.name).join(', ');
}

async function publish(client: MessagingClient, topic: string, body: string): Promise<string> {
  const params = { path: { topic } };
  return (await answer(client.POST('/v1/topics/{topic}/messages', { params, body: { body } }))).messageId;
}

/** Takes so many messages from the queue, for good. @throws Error if they do not come */
async function receive(client: MessagingClient, queue: string, count: number) {
  const params = { path: { queue } };
  const messages: { readonly body: string }[] = [];
  for (let attempt = 0; attempt < 5 && messages.length < count; attempt++) {
    const body = { max: count - messages.length, waitSeconds: DELIVERY_SECONDS };
    const received = await answer(client.POST('/v1/queues/{queue}/messages/receive', { params, body }));
    for (const message of received.messages) {
      const path = { queue, receiptHandle: message.receiptHandle };
      await answer(client.DELETE('/v1/queues/{queue}/messages/{receiptHandle}', { params: { path } }));
      messages.push(message);
    }
  }
  if (messages.length < count) throw new Error(`${count} messages were expected, ${messages.length} came`);
  return messages;
}
