import type { MoveTask } from '../engine';
import { parseTaskHandle, taskHandle } from '../engine';
import type { Call, Input, Operations, Output } from './protocol';
import { optionalInteger, optionalText, text } from './protocol';

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
const MAX_RATE = 500;
const MAX_RESULTS = 10;

/** Redrives. */
export const moveOperations: Operations = {
  StartMessageMoveTask: { resource: sourceArn, run: start },
  ListMessageMoveTasks: { resource: sourceArn, run: list },
  CancelMessageMoveTask: {
    resource: (input) => parseTaskHandle(text(input, 'TaskHandle')).sourceArn,
    run: cancel,
  },
};

function sourceArn(input: Input): string {
  return text(input, 'SourceArn');
}

async function start(input: Input, { context }: Call): Promise<Output> {
  const TaskHandle = await context.broker.queues.moves.start({
    sourceArn: sourceArn(input),
    destinationArn: optionalText(input, 'DestinationArn'),
    rate: optionalInteger(input, 'MaxNumberOfMessagesPerSecond', 1, MAX_RATE),
  });
  return { TaskHandle };
}

async function cancel(input: Input, { context }: Call): Promise<Output> {
  const moved = await context.broker.queues.moves.cancel(text(input, 'TaskHandle'));
  return { ApproximateNumberOfMessagesMoved: moved };
}

function list(input: Input, { context }: Call): Output {
  const limit = optionalInteger(input, 'MaxResults', 1, MAX_RESULTS) ?? 1;
  return { Results: context.broker.queues.moves.list(sourceArn(input), limit).map(render) };
}

function render(task: MoveTask): Output {
  return {
    TaskHandle: task.status === 'RUNNING' ? taskHandle(task) : undefined,
    Status: task.status,
    SourceArn: task.sourceArn,
    DestinationArn: task.destinationArn,
    MaxNumberOfMessagesPerSecond: task.rate,
    ApproximateNumberOfMessagesMoved: task.moved,
    ApproximateNumberOfMessagesToMove: task.toMove,
    FailureReason: task.failureReason,
    StartedTimestamp: task.startedAt,
  };
}
