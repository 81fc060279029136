import type { Clock } from '../clock';
import type { Broker, Queue } from '../engine';
import { nameOf } from '../engine';
import { traceView } from '../trace';
import type { TraceRecorder } from '../trace';
import { ADMIN_PATH } from './model';
import type { HealthView, Items, QueueName, QueueView, StackView, TopicView, TraceView } from './model';
import { ProblemError, Router, wholeNumber } from './router';

const MAX_TRACES = 1000;

export interface AdminOptions {
  readonly broker: Broker;
  readonly traces: TraceRecorder;
  readonly clock: Clock;
  /** What SNS and SQS do not know of the stack. */
  readonly stack: Pick<StackView, 'name' | 'apis' | 'functions' | 'tables'>;
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
      'traces/{id}': ({ id = '' }): Items<TraceView> => {
        const items = traces.find(id).map(traceView);
        if (items.length > 0) return { items };
        throw new ProblemError(404, `No trace of ${id} is remembered`);
      },
      traces: (_, query): Items<TraceView> => ({
        items: traces.recent(wholeNumber(query, 'limit', 20, MAX_TRACES)).map(traceView),
      }),
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
