import {
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { callAws } from '../shared/aws-error';
import { conditionHeld, type DynamoDb, type Item, number } from '../shared/dynamodb';
import { type PendingEvent, serializePending } from './event';

/** A user's item, without its pending events. */
export interface Account {
  readonly userId: string;
  readonly email: string;
  /** ISO 8601 in UTC. */
  readonly createdAt: string;
  readonly passwordHash: string;
  /** Those before, newest first. */
  readonly previousHashes: readonly string[];
  /** One more with each change of the password. */
  readonly version: number;
  /** Guesses since the last right one. */
  readonly failedAttempts: number;
  /** Before it no guess is taken: milliseconds since the epoch. */
  readonly retryAt: number;
}

export type NewAccount = Pick<Account, 'userId' | 'email' | 'createdAt' | 'passwordHash'>;

/** Passwords that cannot be used again, the current one among them. */
const REMEMBERED = 5;

/** The one value of the index's hash key. Only items with pending events have it, so the index has no others. */
export const PENDING = 'pending';

/** At the third update of {@link Accounts.clearPending} one of its conditions must have met a state that stays. */
const CLEAR_ATTEMPTS = 3;

/**
 * The table of accounts. What may happen at the same time is decided by conditions of its writes: each answers whether its
 * condition held.
 */
export class Accounts {
  constructor(
    private readonly dynamodb: DynamoDb,
    private readonly table: string,
  ) {}

  /** @throws AwsError */
  async get(userId: string): Promise<Account | undefined> {
    const command = new GetItemCommand({
      TableName: this.table,
      Key: { userId: { S: userId } },
      ConsistentRead: true,
      // Not the pending events: none of those who read it needs them.
      ProjectionExpression:
        'userId, email, createdAt, passwordHash, previousHashes, version, failedAttempts, retryAt',
    });
    const { Item } = await callAws('dynamodb:GetItem', this.dynamodb.send(command));
    return Item && toAccount(Item);
  }

  /** False if the user exists. @throws AwsError */
  create({ userId, email, createdAt, passwordHash }: NewAccount): Promise<boolean> {
    const Item = {
      userId: { S: userId },
      email: { S: email },
      createdAt: { S: createdAt },
      passwordHash: { S: passwordHash },
      previousHashes: { L: [] },
      version: { N: '1' },
      failedAttempts: { N: '0' },
      retryAt: { N: '0' },
      // It must be there for an update to set an entry of it.
      pendingEvents: { M: {} },
    };
    const command = new PutItemCommand({
      TableName: this.table,
      Item,
      ConditionExpression: 'attribute_not_exists(userId)',
    });
    return conditionHeld('dynamodb:PutItem', this.dynamodb.send(command));
  }

  /**
   * One guess more, unless there was another one since `account` was read, or the user does not exist.
   *
   * @param retryAt milliseconds since the epoch
   * @throws AwsError
   */
  countAttempt(
    { userId, failedAttempts }: Pick<Account, 'userId' | 'failedAttempts'>,
    retryAt: number,
  ): Promise<boolean> {
    return this.update(userId, {
      UpdateExpression: 'SET failedAttempts = :count, retryAt = :retryAt',
      ConditionExpression: 'failedAttempts = :seen',
      ExpressionAttributeValues: {
        ':seen': number(failedAttempts),
        ':count': number(failedAttempts + 1),
        ':retryAt': number(retryAt),
      },
    });
  }

  /** The guess was right. False if the password changed since `account` was read. @throws AwsError */
  forgetAttempts({ userId, version }: Account): Promise<boolean> {
    return this.update(userId, {
      UpdateExpression: 'SET failedAttempts = :zero, retryAt = :zero',
      ConditionExpression: 'version = :seen',
      ExpressionAttributeValues: { ':seen': number(version), ':zero': number(0) },
    });
  }

  /**
   * The new password, the ones that cannot be used again and the event that says so, all or nothing. False if the
   * password changed since `account` was read.
   *
   * @throws AwsError
   */
  changePassword(account: Account, passwordHash: string, pending: PendingEvent): Promise<boolean> {
    const previous = [account.passwordHash, ...account.previousHashes].slice(0, REMEMBERED - 1);
    return this.update(account.userId, {
      UpdateExpression:
        'SET passwordHash = :hash, previousHashes = :previous, version = :next, ' +
        'failedAttempts = :zero, retryAt = :zero, ' +
        'pendingEvents.#change = :event, pendingShard = :shard, ' +
        'pendingSince = if_not_exists(pendingSince, :since)',
      ConditionExpression: 'version = :seen',
      ExpressionAttributeNames: { '#change': pending.event.changeId },
      ExpressionAttributeValues: {
        ':seen': number(account.version),
        ':next': number(account.version + 1),
        ':hash': { S: passwordHash },
        ':previous': { L: previous.map((hash) => ({ S: hash })) },
        ':zero': number(0),
        ':event': { S: serializePending(pending) },
        ':shard': { S: PENDING },
        ':since': { S: pending.event.changedAt },
      },
    });
  }

  /**
   * An event is published. With the last one the item leaves the index of pending ones.
   *
   * One condition cannot do both, so two updates take turns: if neither finds its event, somebody else cleared it.
   *
   * @throws AwsError
   */
  async clearPending(userId: string, changeId: string): Promise<void> {
    for (let attempt = 0; attempt < CLEAR_ATTEMPTS; attempt++) {
      const last = attempt % 2 === 0;
      const cleared = await this.update(userId, {
        UpdateExpression: `REMOVE pendingEvents.#change${last ? ', pendingShard, pendingSince' : ''}`,
        ConditionExpression: `attribute_exists(pendingEvents.#change) AND size(pendingEvents) ${last ? '=' : '>'} :one`,
        ExpressionAttributeNames: { '#change': changeId },
        ExpressionAttributeValues: { ':one': number(1) },
      });
      if (cleared) return;
    }
  }

  private update(userId: string, input: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>): Promise<boolean> {
    const Key = { userId: { S: userId } };
    const command = new UpdateItemCommand({ TableName: this.table, Key, ...input });
    return conditionHeld('dynamodb:UpdateItem', this.dynamodb.send(command));
  }
}

function toAccount(item: Item): Account {
  const text = (name: string): string => item[name]?.S ?? '';
  return {
    userId: text('userId'),
    email: text('email'),
    createdAt: text('createdAt'),
    passwordHash: text('passwordHash'),
    previousHashes: (item.previousHashes?.L ?? []).map((hash) => hash.S ?? ''),
    version: Number(item.version?.N),
    failedAttempts: Number(item.failedAttempts?.N),
    retryAt: Number(item.retryAt?.N),
  };
}
