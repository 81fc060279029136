import type { ListMessageMoveTasksResultEntry, SQSClient } from '@aws-sdk/client-sqs';
import { UserError } from '../../errors';
import { nameOf } from '../demo/resources';
import { pause } from '../pause';
import { messages } from '../words';
import type { QueueDepth } from './depths';
import { queueDepth } from './depths';

/** What is moved, and where to. */
export interface Redrive {
  readonly source: QueueDepth;
  /** Queues that the messages came from. */
  readonly origins: readonly string[];
  /** ARN; undefined: each message goes back to the queue that it came from. */
  readonly destinationArn: string | undefined;
  /** Messages a second; undefined: as SQS likes. */
  readonly rate: number | undefined;
}

/**
 * The dead letters of a queue that is named itself, or by its dead-letter queue.
 * @throws UserError where it has no dead letters
 */
export async function findDeadLetters(
  sqs: SQSClient,
  url: string,
): Promise<Pick<Redrive, 'source' | 'origins'>> {
  const { GetQueueUrlCommand } = await import('@aws-sdk/client-sqs');
  const named = await queueDepth(sqs, url);
  const origins = await sourcesOf(sqs, url);
  if (origins.length > 0) return { source: named, origins };
  if (named.deadLetterQueue === undefined) {
    throw new UserError(`${named.name} neither has a dead-letter queue nor is one`);
  }
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: named.deadLetterQueue }));
  return { source: await queueDepth(sqs, QueueUrl!), origins: await sourcesOf(sqs, QueueUrl!) };
}

async function sourcesOf(sqs: SQSClient, url: string): Promise<string[]> {
  const { ListDeadLetterSourceQueuesCommand } = await import('@aws-sdk/client-sqs');
  const names: string[] = [];
  let token: string | undefined;
  do {
    const page = await sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: url, NextToken: token }));
    names.push(...(page.queueUrls ?? []).map(nameOf));
    token = page.NextToken;
  } while (token);
  return names;
}

/** How a move stands; `moved` of `toMove` are done. */
export interface Progress {
  readonly moved: number;
  readonly toMove: number;
}

/**
 * Moves the messages and reports until it is done.
 *
 * @param signal cancels the move; what is moved by then stays moved
 * @returns how many were moved
 * @throws UserError where the move failed
 */
export async function move(
  sqs: SQSClient,
  { source, destinationArn, rate }: Redrive,
  { intervalMs, signal, report }: MoveOptions,
): Promise<number> {
  const { StartMessageMoveTaskCommand, CancelMessageMoveTaskCommand } = await import('@aws-sdk/client-sqs');
  const { TaskHandle } = await sqs.send(
    new StartMessageMoveTaskCommand({
      SourceArn: source.arn,
      DestinationArn: destinationArn,
      MaxNumberOfMessagesPerSecond: rate,
    }),
  );
  const cancel = () => {
    // It may have ended by itself; how it ended is told below.
    sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle })).catch(() => undefined);
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await follow(sqs, source.arn, { intervalMs, signal, report });
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

export interface MoveOptions {
  readonly intervalMs: number;
  readonly signal: AbortSignal;
  readonly report: (progress: Progress) => Promise<void>;
}

async function follow(
  sqs: SQSClient,
  arn: string,
  { intervalMs, signal, report }: MoveOptions,
): Promise<number> {
  const never = new AbortController().signal;
  for (;;) {
    const task = await newestTask(sqs, arn);
    const moved = task.ApproximateNumberOfMessagesMoved ?? 0;
    if (task.Status === 'COMPLETED') return moved;
    if (task.Status === 'FAILED') {
      throw new UserError(
        `The move failed after ${messages(moved)}: ${task.FailureReason ?? 'no reason is given'}`,
      );
    }
    if (task.Status === 'CANCELLED') throw new UserError(`The move was cancelled after ${messages(moved)}`);
    await report({ moved, toMove: task.ApproximateNumberOfMessagesToMove ?? 0 });
    await pause(signal.aborted ? 50 : intervalMs, signal.aborted ? never : signal);
  }
}

async function newestTask(sqs: SQSClient, arn: string): Promise<ListMessageMoveTasksResultEntry> {
  const { ListMessageMoveTasksCommand } = await import('@aws-sdk/client-sqs');
  const { Results = [] } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn: arn, MaxResults: 1 }));
  const [task] = Results;
  if (task) return task;
  throw new UserError('The move is not listed: nothing is known of it');
}
