import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import {
  type AttributeValue,
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  GetItemCommand,
  type KeySchemaElement,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { clientConfig } from '../../handlers/shared/aws';
import type { Environment } from '../../handlers/shared/environment';
import {
  type Answer,
  type CapturedRequest,
  type LoopbackServer,
  startLoopbackServer,
} from './loopback-server';

interface DynaliteOptions {
  readonly createTableMs?: number;
}

const dynalite = createRequire(__filename)('dynalite') as (options?: DynaliteOptions) => Server;

const ON_DEMAND = 'PAY_PER_REQUEST' as const;

/** The tables of the services, as the stack makes them. */
const TABLES: readonly CreateTableCommandInput[] = [
  {
    ...table('accounts', 'userId', ['pendingShard', 'pendingSince']),
    GlobalSecondaryIndexes: [
      {
        IndexName: 'pending',
        KeySchema: keys('pendingShard', 'pendingSince'),
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['pendingEvents'] },
      },
    ],
  },
  table('mails', 'changeId'),
  withTimeline('documents', 'key', 'takenInAt'),
  withTimeline('order-status', 'orderId', 'recordedAt', ['history']),
  withTimeline('payments', 'id', 'recordedAt', ['type']),
  withTimeline('items', 'id', 'createdAt'),
  withTimeline('books', 'id', 'createdAt'),
  withStatus(withTimeline('book-orders', 'id', 'createdAt')),
  { ...table('item-changes', 'id', ['sequence']), KeySchema: keys('id', 'sequence') },
];

function table(TableName: string, key: string, others: readonly string[] = []): CreateTableCommandInput {
  return {
    TableName,
    BillingMode: ON_DEMAND,
    KeySchema: keys(key),
    AttributeDefinitions: [key, ...others].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
  };
}

function keys(...[hash, range]: readonly string[]): KeySchemaElement[] {
  const hashKey: KeySchemaElement = { AttributeName: hash, KeyType: 'HASH' };
  return range === undefined ? [hashKey] : [hashKey, { AttributeName: range, KeyType: 'RANGE' }];
}

/** @param included what the index has beside keys. @default everything */
function withTimeline(
  name: string,
  key: string,
  time: string,
  included?: readonly string[],
): CreateTableCommandInput {
  const projection = { ProjectionType: 'INCLUDE' as const, NonKeyAttributes: [...(included ?? [])] };
  return {
    ...table(name, key, ['timeline', time]),
    GlobalSecondaryIndexes: [
      {
        IndexName: 'timeline',
        KeySchema: keys('timeline', time),
        Projection: included ? projection : { ProjectionType: 'ALL' },
      },
    ],
  };
}

/** With an index of the statuses that items have, by time. */
function withStatus(of: CreateTableCommandInput): CreateTableCommandInput {
  return {
    ...of,
    AttributeDefinitions: [
      ...(of.AttributeDefinitions ?? []),
      { AttributeName: 'status', AttributeType: 'S' },
    ],
    GlobalSecondaryIndexes: [
      ...(of.GlobalSecondaryIndexes ?? []),
      {
        IndexName: 'by-status',
        KeySchema: keys('status', 'createdAt'),
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  };
}

export type Item = Record<string, AttributeValue>;

/** DynamoDB in memory, and a network before it that tests break: `network.respond`. */
export class TestDynamoDb {
  private constructor(
    readonly network: LoopbackServer,
    /** For handlers: over the network. One attempt for each call, unless `patient`. */
    readonly client: DynamoDBClient,
    /** Tries again by itself, as in Lambda. */
    readonly patient: DynamoDBClient,
    private readonly direct: DynamoDBClient,
    private readonly server: Server,
    private readonly url: string,
  ) {}

  static async start(): Promise<TestDynamoDb> {
    const server = dynalite({ createTableMs: 0 });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const network = await startLoopbackServer((request) => forward(request, url));
    const clients = [
      new DynamoDBClient({ ...testConfig(network.url), maxAttempts: 1 }),
      new DynamoDBClient(testConfig(network.url)),
      new DynamoDBClient(testConfig(url)),
    ] as const;
    for (const table of TABLES) await clients[2].send(new CreateTableCommand(table));
    return new TestDynamoDb(network, ...clients, server, url);
  }

  /** Nothing is in the way of calls any more. */
  heal(): void {
    this.network.requests.length = 0;
    this.network.respond = (request) => this.forward(request);
  }

  /** Passes a call on, for a `respond` that breaks others. */
  forward(request: CapturedRequest): Promise<Answer> {
    return forward(request, this.url);
  }

  async item(TableName: string, Key: Item): Promise<Item | undefined> {
    return (await this.direct.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item;
  }

  /** @param IndexName of an index, to see which items are in it */
  async scan(TableName: string, IndexName?: string): Promise<Item[]> {
    return (await this.direct.send(new ScanCommand({ TableName, IndexName }))).Items ?? [];
  }

  /** Calls that reached the network, by operation: `GetItem`. */
  calls(): string[] {
    return this.network.requests.map(operationOf);
  }

  async close(): Promise<void> {
    for (const client of [this.client, this.patient, this.direct]) client.destroy();
    await this.network.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** `UpdateItem` */
export function operationOf({ headers }: CapturedRequest): string {
  return String(headers['x-amz-target']).replace(/^.*\./, '');
}

/** DynamoDB's answer to a call that it refuses. */
export function dynamoDbError(status: number, code: string): Answer {
  const body = JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${code}`, message: 'no' });
  return { status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body };
}

export function testEnvironment(url: string): Environment {
  return {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL: url,
  };
}

function testConfig(url: string) {
  return clientConfig('DYNAMODB', testEnvironment(url));
}

async function forward({ method, path, headers, body }: CapturedRequest, url: string): Promise<Answer> {
  const kept = Object.entries(headers).filter(([name]) => /^(x-amz-|authorization|content-type)/.test(name));
  const response = await fetch(`${url}${path}`, {
    method,
    headers: Object.fromEntries(kept.map(([name, value]) => [name, String(value)])),
    body,
  });
  // Its checksum would not match a text that is encoded anew.
  const passed = ['content-type', 'x-amzn-requestid'].flatMap((name) => {
    const value = response.headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return { status: response.status, headers: Object.fromEntries(passed), body: await response.text() };
}
