import { DynamodbTable } from '@cdktf/provider-aws/lib/dynamodb-table';
import type { DynamodbTableConfig } from '@cdktf/provider-aws/lib/dynamodb-table';
import { Construct } from 'constructs';
import type { EncryptionKey } from './encryption-key';
import type { LambdaFunction } from './function';
import { pathId } from './names';
import { StreamToFunction } from './stream-to-function';
import type { ConsumeStreamOptions } from './stream-to-function';
import { attributesOf, validateTable } from './table-rules';
import { requireThat } from './validate';

/** An attribute of a key: text, number or bytes. */
export interface KeyAttribute {
  readonly name: string;
  readonly type: 'S' | 'N' | 'B';
}

/** What an index holds beside the keys: everything, nothing, or these attributes. */
export type Projection = 'ALL' | 'KEYS_ONLY' | { readonly include: readonly string[] };

/** The same items by another key; read eventually consistent. */
export interface GlobalIndex {
  readonly partitionKey: KeyAttribute;
  /** @default none */
  readonly sortKey?: KeyAttribute;
  /** What is not held has to be read from the table again; what is costs storage and writes. @default 'ALL' */
  readonly projection?: Projection;
}

/** The items of a partition in another order; made with the table only, and bound to 10 GB a partition. */
export interface LocalIndex {
  readonly sortKey: KeyAttribute;
  /** @default 'ALL' */
  readonly projection?: Projection;
}

/** What a function's code may call on the table or one of its indexes. */
export type TableAction =
  | 'GetItem'
  | 'BatchGetItem'
  | 'Query'
  | 'Scan'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'BatchWriteItem'
  | 'ConditionCheckItem';

/** The keys of what changed, the whole item after it, before it, or both. */
export type StreamView = 'keys-only' | 'new-image' | 'old-image' | 'new-and-old-images';

export interface TableProps {
  readonly name: string;
  readonly partitionKey: KeyAttribute;
  /** @default none: one item a partition */
  readonly sortKey?: KeyAttribute;
  /** By name, up to 20. @default none */
  readonly globalIndexes?: Readonly<Record<string, GlobalIndex>>;
  /** By name, up to 5; they need a sort key. @default none */
  readonly localIndexes?: Readonly<Record<string, LocalIndex>>;
  /** A number attribute, seconds since 1970; DynamoDB deletes the item within days after that, free. @default items stay */
  readonly timeToLiveAttribute?: string;
  /** What a stream of changes, kept for a day, shows of each. @default no stream */
  readonly stream?: StreamView;
  /** How far back the table can be restored to any second, 1-35; the price is the same. @default 35 */
  readonly recoveryDays?: number;
  /** DynamoDB refuses to delete it, and Terraform any plan that would, until this was switched off and deployed. @default true */
  readonly deletionProtection?: boolean;
  /** @default a key that AWS owns, which is free */
  readonly encryptionKey?: EncryptionKey;
  /** Attributes of the resource that are set otherwise than here. @default none */
  readonly overrides?: Partial<DynamodbTableConfig>;
}

/**
 * A DynamoDB table: on demand, so that it costs nothing at rest and bears any load; encrypted; restorable to any second of
 * the last weeks; protected from deletion. Functions get the calls that their code makes and no others.
 *
 * Emits aws_dynamodb_table. 0.625 USD a million writes (each KB) and 0.125 a million reads (each 4 KB, half of that
 * eventually consistent), indexes written to as well; 0.25 USD a GB-month, 0.20 for the restorable copy. A stream is free, as is
 * Lambda's reading of it.
 *
 * @example
 * const accounts = new Table(scope, 'accounts', {
 *   name: 'accounts',
 *   partitionKey: { name: 'userId', type: 'S' },
 *   globalIndexes: { byEmail: { partitionKey: { name: 'email', type: 'S' }, projection: 'KEYS_ONLY' } },
 * });
 * accounts.grant(fn, ['GetItem', 'PutItem']);
 * accounts.grantIndex(fn, 'byEmail', ['Query']);
 */
export class Table extends Construct {
  readonly table: DynamodbTable;
  private readonly consumers: StreamToFunction[] = [];

  constructor(
    scope: Construct,
    id: string,
    readonly props: TableProps,
  ) {
    super(scope, id);
    validateTable(this, props);
    this.table = new DynamodbTable(this, 'table', {
      name: props.name,
      billingMode: 'PAY_PER_REQUEST',
      hashKey: props.partitionKey.name,
      rangeKey: props.sortKey?.name,
      attribute: attributesOf(props),
      ...this.indexSettings(),
      ...this.protectionSettings(),
      ...(props.timeToLiveAttribute && {
        ttl: { enabled: true, attributeName: props.timeToLiveAttribute },
      }),
      ...(props.stream && { streamEnabled: true, streamViewType: viewType(props.stream) }),
      ...props.overrides,
    });
  }

  get name(): string {
    return this.props.name;
  }

  get arn(): string {
    return this.table.arn;
  }

  /** The stream's ARN. @throws Error without one */
  get streamArn(): string {
    requireThat(
      this,
      this.props.stream !== undefined,
      'stream',
      this.props.stream,
      'say what the stream shows',
    );
    return this.table.streamArn;
  }

  /** Lets the function's code make these calls on the table, not on its indexes. */
  grant(fn: LambdaFunction, actions: readonly TableAction[]): void {
    this.allow(fn, 'Items', actions, this.arn);
  }

  /** Lets the function's code read by an index. */
  grantIndex(fn: LambdaFunction, index: string, actions: readonly ('Query' | 'Scan')[]): void {
    const { globalIndexes = {}, localIndexes = {} } = this.props;
    const names = [...Object.keys(globalIndexes), ...Object.keys(localIndexes)];
    requireThat(
      this,
      names.includes(index),
      'index',
      index,
      `the table has ${names.join(', ') || 'no indexes'}`,
    );
    this.allow(fn, 'Index', actions, `${this.arn}/index/${index}`);
  }

  /**
   * Invokes the function with batches of changes, in order for each key. A stream bears two consumers.
   * @throws Error without a stream
   */
  consumeStreamWith(fn: LambdaFunction, options: ConsumeStreamOptions = {}): StreamToFunction {
    const { name, encryptionKey } = this.props;
    const { streamArn: arn } = this;
    const rule = 'two functions consume the stream already, and DynamoDB throttles more (DynamoDB quotas)';
    requireThat(this, this.consumers.length < 2, 'consumer', fn.name, rule);
    fn.grantIndirect({
      sid: 'ReadStreams',
      actions: [
        'dynamodb:DescribeStream',
        'dynamodb:GetRecords',
        'dynamodb:GetShardIterator',
        'dynamodb:ListStreams',
      ],
      resources: [arn],
    });
    encryptionKey?.grantDecrypt(fn, 'dynamodb');
    const source = { name, arn, kind: 'change', retentionSeconds: 86_400, encryptionKey } as const;
    const edge = new StreamToFunction(this, `to-${pathId(fn)}`, { source, fn, ...options });
    this.consumers.push(edge);
    return edge;
  }

  /** One statement for each set of actions, whatever the number of tables. */
  private allow(fn: LambdaFunction, kind: string, actions: readonly TableAction[], resource: string): void {
    const sorted = [...new Set(actions)].sort();
    requireThat(this, sorted.length > 0, 'actions', actions, 'name the calls that the code makes');
    fn.grant({
      sid: `${kind}${sorted.join('')}`,
      actions: sorted.map((action) => `dynamodb:${action}`),
      resources: [resource],
    });
    // The table's own key is decrypted in the caller's name, for reads and writes alike:
    // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html
    this.props.encryptionKey?.grantDecrypt(fn, 'dynamodb');
  }

  private indexSettings() {
    const { globalIndexes = {}, localIndexes = {} } = this.props;
    const global = Object.entries(globalIndexes).map(([name, index]) => ({
      name,
      hashKey: index.partitionKey.name,
      rangeKey: index.sortKey?.name,
      ...projected(index.projection),
    }));
    const local = Object.entries(localIndexes).map(([name, index]) => ({
      name,
      rangeKey: index.sortKey.name,
      ...projected(index.projection),
    }));
    return {
      ...(global.length > 0 && { globalSecondaryIndex: global }),
      ...(local.length > 0 && { localSecondaryIndex: local }),
    };
  }

  private protectionSettings() {
    const { recoveryDays = 35, deletionProtection = true, encryptionKey } = this.props;
    return {
      pointInTimeRecovery: { enabled: true, recoveryPeriodInDays: recoveryDays },
      ...(encryptionKey && { serverSideEncryption: { enabled: true, kmsKeyArn: encryptionKey.arn } }),
      deletionProtectionEnabled: deletionProtection,
      // DynamoDB's own protection is met in the middle of a destroy; this one stops the plan.
      ...(deletionProtection && { lifecycle: { preventDestroy: true } }),
    };
  }
}

/** `new-image` as DynamoDB writes it: `NEW_IMAGE`. */
function viewType(view: StreamView): string {
  return view.replaceAll('-', '_').toUpperCase();
}

function projected(projection: Projection = 'ALL') {
  if (typeof projection === 'string') return { projectionType: projection };
  return { projectionType: 'INCLUDE', nonKeyAttributes: [...projection.include] };
}
