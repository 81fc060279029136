import type { ListMessageMoveTasksResultEntry } from '@aws-sdk/client-sqs';
import type { Aws } from '../clients';
import { MessagingError } from '../errors';
import { nameOf } from '../names';
import type { Redrive, RedriveOptions, RedriveStatus } from './types';

const STATUSES: Readonly<Record<string, RedriveStatus>> = {
  RUNNING: 'running',
  COMPLETED: 'completed',
  CANCELLING: 'cancelling',
  CANCELLED: 'cancelled',
  FAILED: 'failed',
};

/** Dead letters on their way back. SQS runs one a queue at a time, and remembers the last ten. */
export class Redrives {
  constructor(private readonly aws: Aws) {}

  async start(queue: string, { to, maxPerSecond }: RedriveOptions): Promise<Redrive> {
    const source = await this.aws.queueArn(queue);
    const handle = await this.aws.attempt(`redriving queue "${queue}"`, async () => {
      const { TaskHandle } = await (
        await this.aws.sqs()
      ).startMessageMoveTask({
        SourceArn: source,
        DestinationArn: to === undefined ? undefined : await this.aws.queueArn(to),
        MaxNumberOfMessagesPerSecond: maxPerSecond,
      });
      return TaskHandle!;
    });
    const tasks = await this.tasks(queue);
    // A handle is told only while a task runs: a short one may be over, and is the newest then.
    const task = tasks.find(({ TaskHandle }) => TaskHandle === handle) ?? tasks[0];
    if (task === undefined)
      throw new MessagingError('unavailable', `The redrive of queue "${queue}" is not listed`);
    const redrive = toRedrive(queue, task);
    const { id, destination } = redrive;
    this.aws.events.emit('messages.redriven', { resource: queue, destination, redriveId: id });
    return redrive;
  }

  /** The newest first. */
  async list(queue: string): Promise<Redrive[]> {
    return (await this.tasks(queue)).map((task) => toRedrive(queue, task));
  }

  async cancel(queue: string, id: string): Promise<void> {
    const task = (await this.tasks(queue)).find((each) => idOf(each) === id);
    if (task === undefined) throw new MessagingError('not-found', `Queue "${queue}" has no redrive "${id}"`);
    const { TaskHandle } = task;
    if (TaskHandle === undefined) {
      throw new MessagingError('conflict', `The redrive "${id}" of queue "${queue}" is over`);
    }
    await this.aws.attempt(`cancelling the redrive "${id}" of queue "${queue}"`, async () =>
      (await this.aws.sqs()).cancelMessageMoveTask({ TaskHandle }),
    );
  }

  private tasks(queue: string): Promise<ListMessageMoveTasksResultEntry[]> {
    return this.aws.attempt(`listing the redrives of queue "${queue}"`, async () => {
      const SourceArn = await this.aws.queueArn(queue);
      const { Results = [] } = await (
        await this.aws.sqs()
      ).listMessageMoveTasks({ SourceArn, MaxResults: 10 });
      return Results;
    });
  }
}

function idOf({ StartedTimestamp }: ListMessageMoveTasksResultEntry): string {
  return String(StartedTimestamp);
}

function toRedrive(queue: string, task: ListMessageMoveTasksResultEntry): Redrive {
  return {
    id: idOf(task),
    source: queue,
    destination: task.DestinationArn === undefined ? null : nameOf(task.DestinationArn),
    status: STATUSES[task.Status ?? ''] ?? 'failed',
    moved: task.ApproximateNumberOfMessagesMoved ?? 0,
    toMove: task.ApproximateNumberOfMessagesToMove ?? null,
    startedAt: new Date(task.StartedTimestamp ?? 0),
    failureReason: task.FailureReason ?? null,
  };
}
