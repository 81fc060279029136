import { createHash } from 'node:crypto';
import type { Clock } from '../clock';
import { ServiceError } from '../engine/errors';
import { checkCondition, itemSize, keyOf } from './dynalite';
import { CONDITION_FAILED, DetailedError, validationError } from './errors';
import type { ItemOperations, WriteName } from './item-operations';
import { TOKENS } from './keys';
import type { Reads, Storage, Unit } from './storage';
import { under } from './storage';
import { tableName } from './table-description';
import type { TableRegistry } from './table-registry';
import type { Input, Item, Output } from './types';

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
const MAX_ACTIONS = 100;
const MAX_BYTES = 4 * 1024 * 1024;
const TOKEN_LIFE_MS = 10 * 60_000;
const MAX_TOKEN = 36;

const KINDS = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'DeleteItem',
} as const;

/** A transaction prepares each part and then commits it: both take capacity. */
const TIMES = 2;

interface TransactWrite {
  readonly kind: keyof typeof KINDS;
  readonly input: Input;
  /** Parsed and checked. */
  readonly data: Input;
}

interface Token {
  readonly hash: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

interface Reason {
  readonly Code: string;
  readonly Message?: string;
  readonly Item?: unknown;
}

/** TransactWriteItems and TransactGetItems. A transaction is one unit: it goes to the disk as a whole, with its token. */
export class Transactions {
  private readonly tokens = new Map<string, Token>();

  constructor(
    private readonly tables: TableRegistry,
    private readonly items: ItemOperations,
    private readonly storage: Storage,
    private readonly clock: Clock,
  ) {}

  async restore(): Promise<void> {
    for await (const [key, value] of this.storage.entries(under(TOKENS))) {
      this.tokens.set(key.slice(TOKENS.length), JSON.parse(value) as Token);
    }
  }

  /** Forgets the tokens that no longer count. */
  async forgetTokens(): Promise<void> {
    const old = [...this.tokens].filter(([, { at }]) => at <= this.clock.now() - TOKEN_LIFE_MS);
    if (old.length === 0) return;
    await this.storage.write((unit) => old.forEach(([token]) => unit.delete(TOKENS + token)));
    old.forEach(([token]) => this.tokens.delete(token));
  }

  readonly operations: Readonly<Record<string, (input: Input) => Output | Promise<Output>>> = {
    TransactGetItems: (input) => this.get(input),
    TransactWriteItems: (input) => this.write(input),
  };

  private async write(input: Input): Promise<Output> {
    const actions = membersOf(input).map((member) => this.prepared(member));
    const { ClientRequestToken: token, ...rest } = input;
    if (token !== undefined && (typeof token !== 'string' || token === '' || token.length > MAX_TOKEN)) {
      throw validationError(`ClientRequestToken must have between 1 and ${MAX_TOKEN} characters.`);
    }
    await this.storage.write((unit) => {
      if (token !== undefined && this.isRepeated(unit, token, rest)) return;
      this.checkDistinct(actions);
      this.run(actions, (action) => this.perform(unit, action));
    });
    return {};
  }

  /** Remembers the token otherwise. @throws ServiceError IdempotentParameterMismatchException */
  private isRepeated(unit: Unit, token: string, input: Input): boolean {
    const hash = createHash('sha256').update(canonical(input)).digest('base64');
    const at = this.clock.now();
    const value = unit.get(TOKENS + token);
    const known = value === undefined ? undefined : (JSON.parse(value) as Token);
    if (known !== undefined && known.at > at - TOKEN_LIFE_MS) {
      if (known.hash === hash) return true;
      throw new ServiceError(
        'IdempotentParameterMismatchException',
        'The request uses the same client token as a previous, but non-identical request.',
      );
    }
    unit.put(TOKENS + token, JSON.stringify({ hash, at }));
    this.tokens.set(token, { hash, at });
    return false;
  }

  private prepared(member: Input): TransactWrite {
    const kinds = (Object.keys(KINDS) as (keyof typeof KINDS)[]).filter((kind) => member[kind] !== undefined);
    const [kind] = kinds;
    if (kind === undefined || kinds.length > 1) {
      throw validationError('TransactItems can only contain one of Check, Put, Update or Delete');
    }
    const input = withTableName(member[kind] as Input);
    if (kind === 'ConditionCheck' && input['ConditionExpression'] === undefined) {
      throw validationError(
        "The parameter 'ConditionExpression' is required but was not present in the request",
      );
    }
    return { kind, input, data: this.items.checked(KINDS[kind], input) };
  }

  /** @throws ServiceError ResourceNotFoundException, ValidationException */
  private checkDistinct(actions: readonly TransactWrite[]): void {
    const seen = new Set<string>();
    let bytes = 0;
    for (const { data } of actions) {
      const name = data['TableName'] as string;
      const item = (data['Item'] ?? data['Key']) as Item;
      bytes += itemSize(item);
      const key = `${name}/${keyIfAny(item, () => keyOf(item, this.tables.get(name).definition))}`;
      if (seen.has(key))
        throw validationError('Transaction request cannot include multiple operations on one item');
      seen.add(key);
    }
    if (bytes > MAX_BYTES)
      throw validationError('Collection of items in the transaction exceeds the limit of 4 MB');
  }

  private perform(unit: Unit, { kind, input, data }: TransactWrite): void {
    if (kind !== 'ConditionCheck') {
      this.items.writeIn(unit, KINDS[kind] satisfies WriteName, data, input, TIMES);
      return;
    }
    try {
      const name = data['TableName'] as string;
      checkCondition(
        data,
        this.tables.get(name).definition,
        this.items.item(unit, name, data['Key'] as Item),
      );
      this.items.takeCheck(name, TIMES);
    } catch (error) {
      throw this.items.withItem(error, unit, data, input);
    }
  }

  private get(input: Input): Output {
    const gets = membersOf(input).map((member) => {
      if (member['Get'] === undefined) throw validationError('TransactItems can only contain Get');
      return this.items.checked('GetItem', withTableName(member['Get'] as Input));
    });
    gets.forEach(({ TableName }) => this.tables.get(TableName as string));
    return this.storage.atOnce((reads: Reads) => {
      const outputs = this.run(gets, (data) => this.items.readIn(reads, data, TIMES));
      return { Responses: outputs.map((output) => ({ Item: output['Item'] })) };
    });
  }

  /** Does each; what is refused is told as the reasons of the cancellation. @throws ServiceError TransactionCanceledException */
  private run<A, T>(actions: readonly A[], act: (action: A) => T): T[] {
    const results: T[] = [];
    const reasons = actions.map((action): Reason => {
      try {
        results.push(act(action));
        return { Code: 'None' };
      } catch (error) {
        return reasonOf(error);
      }
    });
    if (reasons.every(({ Code }) => Code === 'None')) return results;
    const codes = reasons.map(({ Code }) => Code).join(', ');
    const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
    throw new DetailedError('TransactionCanceledException', message, { CancellationReasons: reasons });
  }
}

/** @throws the error itself where it is no reason to cancel but a fault of the request. */
function reasonOf(error: unknown): Reason {
  if (!(error instanceof ServiceError)) throw error;
  const Message = error.message;
  if (error.code === CONDITION_FAILED) {
    return { Code: 'ConditionalCheckFailed', Message, ...(error instanceof DetailedError && error.details) };
  }
  if (error.code === 'ProvisionedThroughputExceededException') {
    return { Code: 'ProvisionedThroughputExceeded', Message };
  }
  if (error.code === 'ValidationException') return { Code: 'ValidationError', Message };
  throw error;
}

/** @throws ServiceError ValidationException */
function membersOf(input: Input): Input[] {
  const members = input['TransactItems'];
  if (Array.isArray(members) && members.length >= 1 && members.length <= MAX_ACTIONS)
    return members as Input[];
  throw validationError(
    "1 validation error detected: Value at 'transactItems' failed to satisfy constraint: " +
      `Member must have length between 1 and ${MAX_ACTIONS}`,
  );
}

function withTableName(input: Input): Input {
  return { ...input, TableName: tableName(input['TableName']) };
}

/** The same text for the same parameters, whatever the order of their names. */
function canonical(input: Input): string {
  return JSON.stringify(input, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/** An item without the table's keys is refused when its turn comes; until then it is itself. */
function keyIfAny(item: Item, key: () => string): string {
  try {
    return key();
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    return JSON.stringify(item);
  }
}
