import { Construct } from 'constructs';
import { stackName, Table } from '../modules';
import type { DeadLetterQueue, LambdaFunction, LambdaFunctionProps } from '../modules';
import { authorizationFor } from './access';
import type { Access } from './access';
import type { Outputs } from './outputs';
import type { Platform } from './platform';
import { TIMELINE_INDEX, timelineIndex } from './timeline';

type Kind = 'read' | 'write' | 'changelog';

/** What a stage decides about the service. */
export interface ItemsStage {
  readonly access: Access;
  /** Instances set aside for each function, and its limit. @default none; new accounts cannot reserve */
  readonly reservedConcurrency?: Readonly<Record<Kind, number>>;
}

export interface ItemsProps {
  readonly platform: Platform;
  readonly stage: ItemsStage;
}

const READ = ['GET /items', 'GET /items/{id}', 'GET /items/{id}/changes'];
const WRITE = ['POST /items', 'PUT /items/{id}', 'PATCH /items/{id}', 'DELETE /items/{id}'];

/**
 * Keeps items, of which every write says the version that it is based on, and who changed what when.
 *
 * POST /items ... -> write -> table -> read -> GET /items; table's stream -> changelog -> changes -> GET /items/{id}/changes
 */
export class Items extends Construct {
  readonly items: Table;
  readonly changes: Table;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ItemsProps,
  ) {
    super(scope, id);
    const { platform } = props;
    this.items = new Table(this, 'items', {
      name: stackName(this, 'items'),
      partitionKey: { name: 'id', type: 'S' },
      globalIndexes: timelineIndex('createdAt'),
      stream: 'new-and-old-images',
      ...platform.tableSettings,
    });
    this.changes = new Table(this, 'changes', {
      name: stackName(this, 'item-changes'),
      partitionKey: { name: 'id', type: 'S' },
      sortKey: { name: 'sequence', type: 'S' },
      ...platform.tableSettings,
    });
    const [changelog, deadLetters] = this.createChangelog();
    platform.watch({
      functions: [this.createRead(), this.createWrite(), changelog],
      queues: [],
      deadLetters: [deadLetters],
      tables: [this.items, this.changes],
    });
  }

  get outputs(): Outputs {
    return { items_table: { value: this.items.table.name, description: 'Where items are kept' } };
  }

  private createRead(): LambdaFunction {
    const read = this.createFunction('read', {
      description: 'GET /items: lists items, returns one, or its changes',
      environment: {
        ITEMS_TABLE: this.items.table.name,
        CHANGES_TABLE: this.changes.table.name,
        TIMELINE_INDEX,
      },
    });
    this.items.grant(read, ['GetItem']);
    this.items.grantIndex(read, TIMELINE_INDEX, ['Query']);
    this.changes.grant(read, ['Query']);
    this.addRoutes(READ, read);
    return read;
  }

  private createWrite(): LambdaFunction {
    const write = this.createFunction('write', {
      description: 'POST /items, PUT, PATCH and DELETE /items/{id}',
      memoryMb: 512,
      // Two calls of a table that answers at the third try.
      timeoutSeconds: 20,
      environment: { ITEMS_TABLE: this.items.table.name },
    });
    this.items.grant(write, ['DeleteItem', 'GetItem', 'PutItem']);
    this.addRoutes(WRITE, write);
    return write;
  }

  private createChangelog(): [LambdaFunction, DeadLetterQueue] {
    const changelog = this.createFunction('changelog', {
      description: 'Records changes of items',
      // A hundred changes, one after the other.
      timeoutSeconds: 60,
      environment: { CHANGES_TABLE: this.changes.table.name },
    });
    this.changes.grant(changelog, ['PutItem']);
    const { deadLetterQueue } = this.items.consumeStreamWith(changelog);
    return [changelog, deadLetterQueue];
  }

  private addRoutes(routeKeys: readonly string[], fn: LambdaFunction): void {
    const { platform, stage } = this.props;
    const authorization = authorizationFor(stage.access);
    for (const routeKey of routeKeys) platform.api.route(routeKey, fn, { authorization });
  }

  private createFunction(kind: Kind, props: Partial<LambdaFunctionProps>): LambdaFunction {
    const { platform, stage } = this.props;
    const reservedConcurrency = stage.reservedConcurrency?.[kind];
    return platform.addFunction(this, 'items', kind, { reservedConcurrency, ...props });
  }
}
