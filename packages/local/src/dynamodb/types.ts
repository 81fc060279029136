/** A value as DynamoDB's API has it: `{"S": "text"}`. */
export type AttributeValue = Readonly<Record<string, unknown>>;
export type Item = Readonly<Record<string, AttributeValue>>;

/** A call's parameters, or its answer. */
export type Input = Readonly<Record<string, unknown>>;
export type Output = Readonly<Record<string, unknown>>;

export interface KeyElement {
  readonly AttributeName: string;
  readonly KeyType: 'HASH' | 'RANGE';
}

export interface Throughput {
  readonly ReadCapacityUnits: number;
  readonly WriteCapacityUnits: number;
}

export interface SecondaryIndex {
  readonly IndexName: string;
  readonly KeySchema: readonly KeyElement[];
  readonly Projection: {
    readonly ProjectionType: 'ALL' | 'KEYS_ONLY' | 'INCLUDE';
    readonly NonKeyAttributes?: readonly string[];
  };
  readonly ProvisionedThroughput?: Throughput;
}

/** A table as CreateTable defines it. */
export interface TableDefinition {
  readonly TableName: string;
  readonly AttributeDefinitions: readonly {
    readonly AttributeName: string;
    readonly AttributeType: 'S' | 'N' | 'B';
  }[];
  readonly KeySchema: readonly KeyElement[];
  readonly LocalSecondaryIndexes?: readonly SecondaryIndex[];
  readonly GlobalSecondaryIndexes?: readonly SecondaryIndex[];
  readonly BillingMode?: 'PROVISIONED' | 'PAY_PER_REQUEST';
  readonly ProvisionedThroughput?: Throughput;
}

export const STREAM_VIEW_TYPES = ['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES'] as const;
export type StreamViewType = (typeof STREAM_VIEW_TYPES)[number];

/** What a table has beside its definition. */
export interface TableSettings {
  readonly deletionProtection: boolean;
  /** Attribute with the expiry in seconds since the epoch; undefined where items stay. */
  readonly timeToLive?: string;
  readonly pointInTimeRecovery: boolean;
  /** What the stream shows of a change; undefined where there is none. */
  readonly streamViewType?: StreamViewType;
  /** Of the newest stream, also where it is over: when it began, as its ARN has it. */
  readonly streamLabel?: string;
  readonly tableClass?: string;
  readonly encryption?: Readonly<Record<string, unknown>>;
}

/** A table as it is stored. */
export interface TableRecord {
  /** Where its items are: another one for a table that is made again under the same name. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly definition: TableDefinition;
  readonly settings: TableSettings;
  readonly tags: Readonly<Record<string, string>>;
  /** Whether the stack made it. */
  readonly declared: boolean;
}

export function indexesOf({ LocalSecondaryIndexes = [], GlobalSecondaryIndexes = [] }: TableDefinition) {
  return [...LocalSecondaryIndexes, ...GlobalSecondaryIndexes];
}
