import type { Clock } from '../clock';
import type { Broker, Queue } from '../engine';
import { nameOf, ServiceError } from '../engine';
import type { BrowsedMessage } from '../engine/sqs/browse';
import { traceView } from '../trace';
import type { TraceRecorder } from '../trace';
import { ADMIN_PATH } from './model';
import type {
  HealthView,
  Items,
  MessageView,
  Page,
  QueueName,
  QueueView,
  StackView,
  TopicView,
  TraceView,
} from './model';
import { ProblemError, Router, wholeNumber } from './router';

const MAX_TRACES = 1000;
/** The engine's most for a page. */
const MAX_MESSAGES = 1000;

export interface AdminOptions {
  readonly broker: Broker;
  readonly traces: TraceRecorder;
  readonly clock: Clock;
  /** What SNS and SQS do not know of the stack. */
  readonly stack: Omit<StackView, 'region' | 'accountId' | 'topics' | 'queues'>;
}

/** The runtime's own programming interface: looks at what runs, and changes nothing. */
export class AdminApi extends Router {
  /** Where it is served. */
  readonly path = ADMIN_PATH;

  constructor({ broker, traces, clock, stack }: AdminOptions) {
    const startedAt = clock.now();
    super({
      health: (): HealthView => ({
        status: 'ok',
        stack: stack.name,
        uptimeSeconds: Math.round((clock.now() - startedAt) / 1000),
      }),
      stack: (): StackView => ({
        ...stack,
        ...broker.locale,
        topics: topicsOf(broker),
        queues: broker.queues.list().map(queueName),
      }),
      queues: (): Items<QueueView> => ({
        items: broker.queues.list().map((queue) => queueView(queue, broker)),
      }),
      'queues/{name}/messages': ({ name = '' }, query) => messagesOf(queueNamed(name, broker), query),
      'traces/{id}': async ({ id = '' }): Promise<Items<TraceView>> => {
        const items = (await traces.find(id)).map(traceView);
        if (items.length > 0) return { items };
        throw new ProblemError(404, `No trace of ${id} is remembered`);
      },
      traces: async (_, query): Promise<Items<TraceView>> => {
        const found = await traces.recent(wholeNumber(query, 'limit', 20, MAX_TRACES));
        return { items: found.map(traceView) };
      },
    });
  }
}

function topicsOf(broker: Broker): TopicView[] {
  return broker.topics.list().map(({ record: { name, arn, declared }, subscriptions }) => ({
    name,
    arn,
    declared,
    subscriptions: subscriptions.map(({ protocol, endpoint }) => ({ protocol, endpoint })),
  }));
}

function queueNamed(name: string, broker: Broker): Queue {
  const queue = broker.queues.findByName(name);
  if (queue) return queue;
  throw new ProblemError(404, `There is no queue ${name}`);
}

/** `?limit&cursor`: a page of what lies in the queue, oldest first. */
async function messagesOf(queue: Queue, query: URLSearchParams): Promise<Page<MessageView>> {
  const limit = wholeNumber(query, 'limit', 10, MAX_MESSAGES);
  const page = queue.browse({ limit, after: query.get('cursor') ?? undefined });
  const { messages, next } = await page.catch((error: Error) => {
    throw error instanceof ServiceError ? new ProblemError(400, error.message) : error;
  });
  return { items: messages.map(messageView), nextCursor: next };
}

function messageView(message: BrowsedMessage): MessageView {
  const { messageId, state, body, attributes, sentAt, visibleAt, receiveCount } = message;
  const { groupId, deduplicationId, sequenceNumber, deadLetterSourceArn } = message;
  return {
    messageId,
    state,
    body,
    attributes,
    sentAt: new Date(sentAt).toISOString(),
    visibleAt: visibleAt === undefined ? undefined : new Date(visibleAt).toISOString(),
    receiveCount,
    groupId,
    deduplicationId,
    sequenceNumber,
    deadLetterSourceArn,
  };
}

function queueName({ arn, record: { name, declared } }: Queue): QueueName {
  return { name, arn, declared };
}

function queueView(queue: Queue, broker: Broker): QueueView {
  const deadLetterArn = queue.settings.redrive?.deadLetterTargetArn;
  return {
    ...queueName(queue),
    ...queue.depth(),
    deadLetterQueue: deadLetterArn === undefined ? undefined : nameOf(deadLetterArn),
    sources: broker.queues.sourcesOf(queue.arn).map(({ record }) => record.name),
  };
}
