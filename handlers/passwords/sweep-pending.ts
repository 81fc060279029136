import { type AttributeValue, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { AwsError, callAws } from '../shared/aws-error';
import type { Log } from '../shared/log';
import { type Accounts, PENDING } from './accounts';
import { parsePending } from './event';
import { publishEvent, type Publisher } from './publish-event';

/** The change function publishes within seconds; what is older was left over. */
const LEFT_OVER_AFTER_MS = 60_000;
/** No publication is begun when less than this is left: one takes up to six seconds where SNS does not answer. */
const RESERVE_MS = 10_000;
/** So many in a row mean that the topic takes none now: the next sweep tries again. */
const MAX_FAILURES_IN_A_ROW = 3;

export interface SweepOptions extends Publisher {
  readonly dynamodb: Pick<DynamoDBClient, 'send'>;
  readonly accounts: Accounts;
  readonly table: string;
  /** With the keys `pendingShard` and `pendingSince`. */
  readonly index: string;
  readonly log: Log;
  /** Milliseconds that this invocation may still take. */
  readonly remainingMs: () => number;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

export interface SweepResult {
  /** Events that were published and cleared. */
  readonly published: number;
  /** False if the time did not suffice: the next sweep goes on. */
  readonly complete: boolean;
}

/**
 * Publishes what a crash or an outage left pending. The index is a moment behind and SNS's answer may be lost, so an event
 * may be published twice; whoever receives it knows it by its changeId.
 *
 * @throws Error if some could not be published: the function's error alarm tells of it
 */
export async function sweepPending(options: SweepOptions): Promise<SweepResult> {
  const { log, remainingMs } = options;
  let published = 0;
  let failed = 0;
  let failedInARow = 0;
  let complete = true;
  for await (const entry of leftOver(options)) {
    if (remainingMs() < RESERVE_MS || failedInARow === MAX_FAILURES_IN_A_ROW) {
      complete = false;
      break;
    }
    const outcome = await publishAndClear(entry, options);
    if (outcome === 'published') published++;
    else failed++;
    // What is wrong with one event stays wrong: counted, three such events would hold up all others for good.
    if (outcome !== 'refused') failedInARow = outcome === 'published' ? 0 : failedInARow + 1;
  }
  if (published > 0 || failed > 0) log.info('swept', { published, failed, complete });
  if (failed > 0) throw new Error(`${failed} pending events could not be published`);
  return { published, complete };
}

interface Entry {
  readonly userId: string;
  readonly changeId: string;
  readonly text: string;
}

type Item = Readonly<Record<string, AttributeValue>>;

async function* leftOver({ now = Date.now, ...options }: SweepOptions): AsyncGenerator<Entry> {
  const before = new Date(now() - LEFT_OVER_AFTER_MS).toISOString();
  let start: Item | undefined;
  do {
    const page = await query(before, start, options);
    for (const item of page.items) yield* entriesOf(item);
    start = page.next;
  } while (start);
}

async function query(
  before: string,
  start: Item | undefined,
  { dynamodb, table, index }: Pick<SweepOptions, 'dynamodb' | 'table' | 'index'>,
): Promise<{ items: readonly Item[]; next: Item | undefined }> {
  const command = new QueryCommand({
    TableName: table,
    IndexName: index,
    KeyConditionExpression: 'pendingShard = :shard AND pendingSince < :before',
    ExpressionAttributeValues: { ':shard': { S: PENDING }, ':before': { S: before } },
    ExclusiveStartKey: start,
  });
  const { Items = [], LastEvaluatedKey } = await callAws('dynamodb:Query', dynamodb.send(command));
  return { items: Items, next: LastEvaluatedKey };
}

function entriesOf({ userId, pendingEvents }: Item): Entry[] {
  return Object.entries(pendingEvents?.M ?? {}).map(([changeId, { S: text = '' }]) => ({
    userId: userId?.S ?? '',
    changeId,
    text,
  }));
}

/** `refused` says that the event itself is at fault, `failed` that others would fare no better now. */
type Outcome = 'published' | 'failed' | 'refused';

/** What SNS answers to a message that it takes from nobody. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors */
const OF_ONE_EVENT = /^InvalidParameter/;

async function publishAndClear({ userId, changeId, text }: Entry, options: SweepOptions): Promise<Outcome> {
  const pending = parsePending(text);
  if (!pending) {
    options.log.error('malformed pending event', { changeId });
    return 'refused';
  }
  try {
    await publishEvent(pending, options);
    await options.accounts.clearPending(userId, changeId);
    return 'published';
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    options.log.error('pending event not published', { changeId, ...error.fields });
    return OF_ONE_EVENT.test(error.code) ? 'refused' : 'failed';
  }
}
