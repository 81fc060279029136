import { ServiceError } from '../errors';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListMessageMoveTasksResultEntry.html */
export type MoveStatus = 'RUNNING' | 'COMPLETED' | 'CANCELLING' | 'CANCELLED' | 'FAILED';

/** A redrive, as it is stored. */
export interface MoveTask {
  /** In the order in which tasks are started. */
  readonly id: string;
  readonly sourceArn: string;
  /** Id of the source queue: a queue created again under the same name has other tasks. */
  readonly sourceId: string;
  /** @default the queue that each message came from */
  readonly destinationArn?: string;
  /** Messages a second, 1 to 500. @default as fast as it goes */
  readonly rate?: number;
  readonly status: MoveStatus;
  readonly moved: number;
  /** Messages to move, counted at the start. */
  readonly toMove: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly failureReason?: string;
}

export interface MoveRequest {
  readonly sourceArn: string;
  readonly destinationArn?: string;
  readonly rate?: number;
}

/** Whether the task holds its source: there is no other one beside it. */
export function isActive({ status }: MoveTask): boolean {
  return status === 'RUNNING' || status === 'CANCELLING';
}

export function taskHandle({ id, sourceArn }: MoveTask): string {
  return Buffer.from(JSON.stringify({ taskId: id, sourceArn })).toString('base64');
}

/** @throws ServiceError ResourceNotFoundException for what is no handle. */
export function parseTaskHandle(handle: string): { taskId: string; sourceArn: string } {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(handle, 'base64').toString());
    if (typeof parsed === 'object' && parsed !== null) {
      const { taskId, sourceArn } = parsed as { taskId?: unknown; sourceArn?: unknown };
      if (typeof taskId === 'string' && typeof sourceArn === 'string') return { taskId, sourceArn };
    }
  } catch {
    // Reported below, like JSON that is no handle.
  }
  throw resourceNotFound('Task does not exist.');
}

export function resourceNotFound(message: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', message, 404);
}
