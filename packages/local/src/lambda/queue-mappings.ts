import { createHash } from 'node:crypto';
import type { LambdaControl, MappingDescription, QueueMappingConfig } from '../contracts';
import { ServiceError } from '../engine';
import { mappingProblem } from './mapping-rules';
import { QueueMapping } from './queue-mapping';
import type { QueueMappingOptions } from './queue-mapping';
import type { TargetsOptions } from './targets';

export interface QueueMappingsOptions
  extends Omit<QueueMappingOptions, 'config'>, Pick<TargetsOptions, 'mayCall'> {
  readonly configs: readonly QueueMappingConfig[];
}

interface Mapping extends Omit<MappingDescription, 'state'> {
  /** What polls for it while it is enabled. */
  readonly worker: QueueMapping;
}

/** The event source mappings: those of the stack, and what the Lambda API makes of them while the runtime runs. */
export class QueueMappings implements Pick<
  LambdaControl,
  'mappings' | 'createMapping' | 'updateMapping' | 'deleteMapping'
> {
  private readonly byId = new Map<string, Mapping>();
  /** Of mappings that were changed: they finish what they had begun. */
  private readonly ending = new Set<Promise<void>>();
  private isRunning = false;

  constructor(private readonly options: QueueMappingsOptions) {
    for (const config of options.configs) this.put(config);
  }

  start(): void {
    this.isRunning = true;
    for (const { worker } of this.byId.values()) worker.start();
  }

  /** Takes no more messages; resolves when the batches that are under way are settled. */
  async stop(): Promise<void> {
    this.isRunning = false;
    const ends = [...this.byId.values()].map(({ worker }) => worker.stop());
    await Promise.all([...ends, ...this.ending]);
  }

  mappings(): MappingDescription[] {
    return [...this.byId.values()].map((mapping) =>
      describe(mapping, mapping.config.enabled ? 'Enabled' : 'Disabled'),
    );
  }

  createMapping(config: QueueMappingConfig): MappingDescription {
    const uuid = uuidOf(config);
    if (this.byId.has(uuid)) {
      throw new ServiceError(
        'ResourceConflictException',
        `An event source mapping with SQS arn (" ${config.queueArn} ") and function (" ${config.functionName} ") ` +
          `already exists. Please update or delete the existing mapping with UUID ${uuid}`,
        409,
      );
    }
    this.check(config);
    return describe(this.put(config), 'Creating');
  }

  updateMapping(uuid: string, changes: Partial<QueueMappingConfig>): MappingDescription {
    const { config: before, worker } = this.get(uuid);
    const config = { ...before, ...changes };
    this.check(config);
    this.end(worker);
    const mapping = this.put(config);
    if (before.enabled === config.enabled) return describe(mapping, 'Updating');
    return describe(mapping, config.enabled ? 'Enabling' : 'Disabling');
  }

  deleteMapping(uuid: string): MappingDescription {
    const mapping = this.get(uuid);
    this.byId.delete(uuid);
    this.end(mapping.worker);
    return describe(mapping, 'Deleting');
  }

  private get(uuid: string): Mapping {
    const mapping = this.byId.get(uuid);
    if (mapping) return mapping;
    const text = 'The resource you requested does not exist.';
    throw new ServiceError('ResourceNotFoundException', text, 404);
  }

  private put(config: QueueMappingConfig): Mapping {
    const { functions, clock } = this.options;
    const uuid = uuidOf(config);
    const worker = new QueueMapping({ ...this.options, config });
    const functionArn = functions.config(config.functionName).arn;
    const mapping = { uuid, config, functionArn, lastModified: clock.now(), worker };
    this.byId.set(uuid, mapping);
    if (this.isRunning) worker.start();
    return mapping;
  }

  private check(config: QueueMappingConfig): void {
    const { functions, mayCall } = this.options;
    const { name } = functions.config(config.functionName);
    const problem = mappingProblem(config);
    if (problem !== undefined) throw new ServiceError('InvalidParameterValueException', problem);
    if (mayCall?.(name, 'sqs:ReceiveMessage', config.queueArn) !== false) return;
    const text = 'The function execution role does not have permissions to call ReceiveMessage on SQS';
    throw new ServiceError('InvalidParameterValueException', text);
  }

  private end(worker: QueueMapping): void {
    const end = worker.stop().finally(() => this.ending.delete(end));
    this.ending.add(end);
  }
}

function describe({ worker: _worker, ...mapping }: Mapping, state: MappingDescription['state']) {
  return { ...mapping, state };
}

/** Lambda draws it by lot; here a script finds the mapping of a queue and a function again after a restart. */
function uuidOf({ queueArn, functionName }: QueueMappingConfig): string {
  const hex = createHash('sha256').update(`${queueArn} ${functionName}`).digest('hex');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`];
  return `${parts.join('-')}-${hex.slice(20, 32)}`;
}
