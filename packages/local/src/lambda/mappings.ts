import { createHash } from 'node:crypto';
import type { LambdaControl, MappingChanges, MappingConfig, MappingDescription } from '../contracts';
import { ServiceError } from '../engine';
import type { StreamSources } from '../streams';
import { isOfStream, isOfTable, mappingProblem, sourceArn } from './mapping-rules';
import { QueueMapping } from './queue-mapping';
import type { QueueMappingOptions } from './queue-mapping';
import { StreamMapping } from './stream-mapping';
import type { Targets, TargetsOptions } from './targets';

export interface MappingsOptions
  extends Omit<QueueMappingOptions, 'config'>, Pick<TargetsOptions, 'mayCall'> {
  readonly configs: readonly MappingConfig[];
  /** Where batches of streams go that fail for good. */
  readonly targets: Targets;
  /** @default there are no streams */
  readonly streams?: StreamSources;
}

/** What takes from a source for a mapping while that is enabled. */
interface Worker {
  /** @param after what takes from the same source and is to end first */
  start(after?: Promise<void>): void;
  stop(): Promise<void>;
  readonly lastResult?: string;
  /** @default true */
  readonly isReady?: boolean;
  /** Of a mapping that is deleted: forgets how far it was. */
  forget?(): Promise<void>;
}

interface Mapping extends Omit<MappingDescription, 'state' | 'lastResult'> {
  readonly worker: Worker;
}

/** The event source mappings: those of the stack, and what the Lambda API makes of them while the runtime runs. */
export class Mappings implements Pick<
  LambdaControl,
  'mappings' | 'createMapping' | 'updateMapping' | 'deleteMapping'
> {
  private readonly byId = new Map<string, Mapping>();
  /** Of mappings that were changed: they finish what they had begun. */
  private readonly ending = new Set<Promise<void>>();
  private isRunning = false;

  constructor(private readonly options: MappingsOptions) {
    for (const config of options.configs) this.put(config);
  }

  start(): void {
    this.isRunning = true;
    for (const { worker } of this.byId.values()) worker.start();
  }

  /** Takes nothing more; resolves when the batches that are under way are settled. */
  async stop(): Promise<void> {
    this.isRunning = false;
    const ends = [...this.byId.values()].map(({ worker }) => worker.stop());
    await Promise.all([...ends, ...this.ending]);
  }

  mappings(): MappingDescription[] {
    return [...this.byId.values()].map((mapping) => describe(mapping, stateOf(mapping)));
  }

  createMapping(config: MappingConfig): MappingDescription {
    const uuid = uuidOf(config);
    if (this.byId.has(uuid)) {
      throw new ServiceError(
        'ResourceConflictException',
        `An event source mapping with ${isOfStream(config) ? 'event source' : 'SQS'} arn (" ${sourceArn(config)} ") ` +
          `and function (" ${config.functionName} ") ` +
          `already exists. Please update or delete the existing mapping with UUID ${uuid}`,
        409,
      );
    }
    this.check(config);
    return describe(this.put(config), 'Creating');
  }

  updateMapping(uuid: string, changes: MappingChanges): MappingDescription {
    const { config: before, worker } = this.get(uuid);
    const config = { ...before, ...changes };
    this.check(config);
    const mapping = this.put(config, this.end(worker));
    if (before.enabled === config.enabled) return describe(mapping, 'Updating');
    return describe(mapping, config.enabled ? 'Enabling' : 'Disabling');
  }

  deleteMapping(uuid: string): MappingDescription {
    const mapping = this.get(uuid);
    this.byId.delete(uuid);
    void this.end(mapping.worker, () => mapping.worker.forget?.());
    return describe(mapping, 'Deleting');
  }

  private get(uuid: string): Mapping {
    const mapping = this.byId.get(uuid);
    if (mapping) return mapping;
    const text = 'The resource you requested does not exist.';
    throw new ServiceError('ResourceNotFoundException', text, 404);
  }

  private put(config: MappingConfig, after?: Promise<void>): Mapping {
    const { functions, clock } = this.options;
    const uuid = uuidOf(config);
    const worker: Worker = isOfStream(config)
      ? new StreamMapping({ ...this.options, config, uuid })
      : new QueueMapping({ ...this.options, config });
    const functionArn = functions.config(config.functionName).arn;
    const mapping = { uuid, config, functionArn, lastModified: clock.now(), worker };
    this.byId.set(uuid, mapping);
    if (this.isRunning) worker.start(after);
    return mapping;
  }

  private check(config: MappingConfig): void {
    const { functions, mayCall } = this.options;
    const { name } = functions.config(config.functionName);
    const problem = mappingProblem(config);
    if (problem !== undefined) throw new ServiceError('InvalidParameterValueException', problem);
    const action = actionOf(config);
    if (mayCall?.(name, action, sourceArn(config).split('/consumer/')[0]!) !== false) return;
    const text = isOfStream(config)
      ? `Cannot access stream ${config.streamArn}. Please ensure the role can perform the GetRecords, GetShardIterator, ` +
        'DescribeStream, and ListStreams Actions on your stream in IAM.'
      : 'The function execution role does not have permissions to call ReceiveMessage on SQS';
    throw new ServiceError('InvalidParameterValueException', text);
  }

  private end(worker: Worker, afterwards?: () => Promise<void> | undefined): Promise<void> {
    const end = worker
      .stop()
      .then(afterwards)
      .finally(() => this.ending.delete(end));
    this.ending.add(end);
    return end;
  }
}

function actionOf(config: MappingConfig): string {
  if (!isOfStream(config)) return 'sqs:ReceiveMessage';
  return isOfTable(config) ? 'dynamodb:GetRecords' : 'kinesis:GetRecords';
}

function stateOf({ config, worker }: Mapping): MappingDescription['state'] {
  if (!config.enabled) return 'Disabled';
  return worker.isReady === false ? 'Creating' : 'Enabled';
}

function describe({ worker, ...mapping }: Mapping, state: MappingDescription['state']): MappingDescription {
  return { ...mapping, state, lastResult: worker.lastResult };
}

/** Lambda draws it by lot; here a script finds the mapping of a source and a function again after a restart. */
function uuidOf(config: MappingConfig): string {
  const hex = createHash('sha256')
    .update(`${sourceArn(config)} ${config.functionName}`)
    .digest('hex');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`];
  return `${parts.join('-')}-${hex.slice(20, 32)}`;
}
