import type { Clock } from '../../clock';
import type { Tracer } from '../../contracts';
import type { Activity } from '../activity';
import type { ContentBudget } from './message';
import type { Queue } from './queue';
import type { Store } from '../store';

/** What a queue needs of its surroundings. */
export interface QueueHost {
  readonly store: Store;
  readonly clock: Clock;
  readonly budget: ContentBudget;
  readonly activity: Activity;
  readonly tracer?: Tracer;
  nextSequence(): number;
  /** Where the queue's dead letters go; undefined if that queue is missing or refuses them. */
  deadLetterQueueOf(queue: Queue): Queue | undefined;
  /** The queue has receive counts to store with the next write. */
  expectReceives(queue: Queue): void;
}
