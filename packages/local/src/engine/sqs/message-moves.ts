import { randomUUID } from 'node:crypto';
import type { Clock, Timer } from '../../clock';
import type { Tracer } from '../../contracts';
import { redriven } from '../../trace/hops';
import type { Activity } from '../activity';
import { nameOf } from '../arn';
import { invalidParameterValue, ServiceError } from '../errors';
import type { Content } from './message';
import { sequenceKey } from './message';
import type { MoveRequest, MoveTask } from './move-task';
import { isActive, parseTaskHandle, resourceNotFound, taskHandle } from './move-task';
import type { Queue } from './queue';
import type { StagedMessage } from './queue-record';
import type { Operation, Store } from '../store';

const TASKS = 'v!';
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListMessageMoveTasks.html
const KEPT_TASKS = 10;
const BATCH = 100;
const NO_QUEUE = 'AWS.SimpleQueueService.NonExistentQueue';
const NO_SOURCE = 'CouldNotDetermineMessageSource';

/** What redrives need of the queues around them. */
export interface MoveHost {
  readonly store: Store;
  readonly clock: Clock;
  readonly activity: Activity;
  readonly tracer?: Tracer;
  nextSequence(): number;
  find(arn: string): Queue | undefined;
  sourcesOf(arn: string): readonly Queue[];
}

/**
 * Redrives: messages on their way from a dead-letter queue back to where they came from, or to another queue. Messages and progress
 * are written together, so that a task goes on after whatever has ended it, and neither loses nor doubles a message. It moves as
 * many messages as were visible at its start: those that fail again at once do not keep it running for ever.
 */
export class MessageMoves {
  /** By ARN of the source, the oldest first. */
  private readonly tasks = new Map<string, MoveTask[]>();
  private readonly timers = new Map<string, Timer>();
  private closed = false;

  constructor(private readonly host: MoveHost) {}

  /** Reads the tasks from the store, and goes on with those that were running. Queues and messages must be there. */
  async restore(): Promise<void> {
    const orphans: Operation[] = [];
    for await (const [key, value] of this.host.store.entries(TASKS)) {
      const task = JSON.parse(value) as MoveTask;
      if (this.host.find(task.sourceArn)?.record.id === task.sourceId)
        this.tasksOf(task.sourceArn).push(task);
      else orphans.push({ type: 'del', key });
    }
    if (orphans.length > 0) await this.host.store.commit(orphans);
    for (const tasks of this.tasks.values()) for (const task of tasks) if (isActive(task)) this.goOn(task);
  }

  /**
   * As SQS's StartMessageMoveTask; resolves with the task's handle once it is durable.
   * @throws ServiceError ResourceNotFoundException, InvalidParameterValue, UnsupportedOperation
   */
  async start(request: MoveRequest): Promise<string> {
    const source = this.queueOf('SourceArn', request.sourceArn);
    // Dead letters on their way are among those that the caller means.
    await Promise.all(this.host.sourcesOf(source.arn).map((queue) => queue.departed()));
    this.check(request, source);
    const task: MoveTask = {
      ...request,
      id: sequenceKey(this.host.nextSequence()),
      sourceId: source.record.id,
      status: 'RUNNING',
      moved: 0,
      toMove: source.depth().visible,
      startedAt: this.host.clock.now(),
    };
    const tasks = this.tasksOf(source.arn);
    tasks.push(task);
    const forgotten = tasks.splice(0, Math.max(0, tasks.length - KEPT_TASKS));
    const deletions = forgotten.map((old): Operation => ({ type: 'del', key: keyOf(old) }));
    await this.host.store.commit([put(task), ...deletions]);
    this.goOn(task);
    return taskHandle(task);
  }

  /**
   * As SQS's CancelMessageMoveTask: what is moved stays moved. Resolves with how many messages that are.
   * @throws ServiceError ResourceNotFoundException, UnsupportedOperation
   */
  async cancel(handle: string): Promise<number> {
    const { taskId, sourceArn } = parseTaskHandle(handle);
    const task = this.tasks.get(sourceArn)?.find(({ id }) => id === taskId);
    if (!task) throw resourceNotFound('Task does not exist.');
    if (task.status !== 'RUNNING') throw unsupported('Only active tasks can be cancelled.');
    const cancelling = this.replace(task, { status: 'CANCELLING' });
    await this.host.store.commit([put(cancelling)]);
    // Where a timer waits for the next second, nothing else would look after the task.
    const timer = this.timers.get(taskId);
    if (timer) {
      timer.cancel();
      this.goOn(cancelling);
    }
    return this.current(cancelling).moved;
  }

  /**
   * The latest tasks of a queue, the newest first.
   * @throws ServiceError ResourceNotFoundException
   */
  list(sourceArn: string, limit: number): MoveTask[] {
    const source = this.queueOf('SourceArn', sourceArn);
    return this.tasksOf(source.arn).slice(-limit).reverse();
  }

  /** For a queue that is deleted: its tasks go with it. The caller writes the operations. */
  forget(sourceArn: string): Operation[] {
    const tasks = this.tasks.get(sourceArn) ?? [];
    this.tasks.delete(sourceArn);
    return tasks.map((task) => ({ type: 'del', key: keyOf(task) }));
  }

  /** Stops; what is running goes on after the next start. */
  close(): void {
    this.closed = true;
    for (const timer of this.timers.values()) timer.cancel();
  }

  private check({ sourceArn, destinationArn }: MoveRequest, source: Queue): void {
    if (this.host.sourcesOf(sourceArn).length === 0) {
      throw invalidParameterValue('Source queue must be configured as a Dead Letter Queue.');
    }
    if (destinationArn !== undefined) {
      const destination = this.queueOf('DestinationArn', destinationArn);
      if (destination === source) {
        throw invalidParameterValue('Source queue arn and destination queue arn cannot be the same.');
      }
      if (destination.settings.fifo !== source.settings.fifo) {
        throw invalidParameterValue('Source and destination must be queues of the same type.');
      }
    }
    if (this.tasksOf(sourceArn).some(isActive)) {
      throw unsupported(
        'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
      );
    }
  }

  private queueOf(parameter: string, arn: string): Queue {
    const queue = this.host.find(arn);
    if (queue && !queue.record.internal) return queue;
    throw resourceNotFound(`The resource that you specified for the ${parameter} parameter doesn't exist.`);
  }

  private goOn(task: MoveTask): void {
    this.timers.delete(task.id);
    // A failed write has been reported by the store; the task goes on when it opens again.
    this.run(task).catch(() => undefined);
  }

  private async run(started: MoveTask): Promise<void> {
    let task = this.current(started);
    while (!this.closed && task.status === 'RUNNING') {
      if (!(await this.step(task))) break;
      task = this.current(task);
      const more = task.status === 'RUNNING' && task.moved < task.toMove;
      if (more && task.rate !== undefined) return this.later(task);
    }
    if (this.closed || !isActive(this.current(task))) return;
    const status = this.current(task).status === 'CANCELLING' ? 'CANCELLED' : 'COMPLETED';
    await this.end(task, { status });
  }

  private later(task: MoveTask): void {
    const timer = this.host.clock.schedule(1000, () => this.goOn(task));
    this.timers.set(task.id, timer);
  }

  /** Moves a batch; false where there is nothing left to do. */
  private async step(task: MoveTask): Promise<boolean> {
    const source = this.host.find(task.sourceArn);
    const limit = Math.min(task.rate ?? BATCH, task.toMove - task.moved);
    if (source?.record.id !== task.sourceId || limit <= 0) return false;
    let failureReason: string | undefined;
    const restage = (_entry: unknown, content: Content) => {
      const staged = this.restage(task, content);
      if (typeof staged !== 'string') return staged;
      failureReason = staged;
      return undefined;
    };
    const moved = await source.moveOut(limit, restage, (count) => {
      return [put(this.replace(task, { moved: task.moved + count }))];
    });
    if (failureReason !== undefined) await this.end(task, { status: 'FAILED', failureReason });
    return moved > 0 && failureReason === undefined;
  }

  /**
   * The message as it is sent anew, or why it cannot be.
   * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html: it has
   * a new id and a new time, and with them a new retention and no receives.
   */
  private restage(task: MoveTask, content: Content): StagedMessage | string {
    const arn = task.destinationArn ?? content.deadLetterSourceArn;
    if (arn === undefined) return NO_SOURCE;
    const queue = this.host.find(arn);
    if (!queue) return NO_QUEUE;
    const sentAt = this.host.clock.now();
    const availableAt = sentAt + queue.settings.delaySeconds * 1000;
    const fresh = { ...content, messageId: randomUUID(), deadLetterSourceArn: undefined };
    const from = nameOf(task.sourceArn);
    this.host.tracer?.record(redriven(content.messageId, fresh.messageId, from, queue.label, sentAt));
    return queue.stage(fresh, { sentAt, availableAt, receiveCount: 0, firstReceivedAt: 0 });
  }

  private async end(task: MoveTask, changes: Partial<MoveTask>): Promise<void> {
    const ended = this.replace(task, changes);
    await this.host.store.commit([put(ended)]);
    const why = ended.failureReason === undefined ? '' : `: ${ended.failureReason}`;
    const { moved, status } = ended;
    this.host.activity.event('sqs', () => {
      const where =
        ended.destinationArn === undefined ? 'where they came from' : nameOf(ended.destinationArn);
      return `${moved} messages moved from ${nameOf(ended.sourceArn)} to ${where}, ${status.toLowerCase()}${why}`;
    });
  }

  /** The task as it is now. */
  private current(task: MoveTask): MoveTask {
    return this.tasks.get(task.sourceArn)?.find(({ id }) => id === task.id) ?? { ...task, status: 'FAILED' };
  }

  private replace(task: MoveTask, changes: Partial<MoveTask>): MoveTask {
    const changed = { ...this.current(task), ...changes };
    const tasks = this.tasks.get(task.sourceArn) ?? [];
    const index = tasks.findIndex(({ id }) => id === task.id);
    if (index >= 0) tasks[index] = changed;
    return changed;
  }

  private tasksOf(sourceArn: string): MoveTask[] {
    let tasks = this.tasks.get(sourceArn);
    if (!tasks) this.tasks.set(sourceArn, (tasks = []));
    return tasks;
  }
}

function keyOf({ sourceId, id }: MoveTask): string {
  return `${TASKS}${sourceId}!${id}`;
}

function put(task: MoveTask): Operation {
  return { type: 'put', key: keyOf(task), value: JSON.stringify(task) };
}

function unsupported(message: string): ServiceError {
  return new ServiceError('UnsupportedOperation', message);
}
