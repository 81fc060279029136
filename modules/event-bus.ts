import { CloudwatchEventArchive } from '@cdktf/provider-aws/lib/cloudwatch-event-archive';
import { CloudwatchEventBus } from '@cdktf/provider-aws/lib/cloudwatch-event-bus';
import type { CloudwatchEventBusConfig } from '@cdktf/provider-aws/lib/cloudwatch-event-bus';
import { TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { Account } from './account';
import { DeadLetterQueue } from './dead-letter-queue';
import type { EncryptionKey } from './encryption-key';
import type { LambdaFunction } from './function';
import { pathId } from './names';
import type { Destination, Grantee, Statement } from './policy';
import { requireInteger, requireMatch, requireThat } from './validate';

export interface EventBusProps {
  /** `default` is the account's own bus, which is there already. */
  readonly name: string;
  /** Encrypts events and the patterns of rules. @default a key that AWS owns, which is free */
  readonly encryptionKey?: EncryptionKey;
  /** Keeps every event for that many days, to be replayed by people. @default none are kept */
  readonly archiveDays?: number;
  /** @default none */
  readonly description?: string;
  /** Attributes of the resource that are set otherwise than here. @default none */
  readonly overrides?: Partial<CloudwatchEventBusConfig>;
}

/** Which events a function's code may put; both are compared as they are. */
export interface PutOptions {
  /** @default any */
  readonly sources?: readonly string[];
  /** @default any */
  readonly detailTypes?: readonly string[];
}

/**
 * An EventBridge event bus: events go in, and rules (`Rule`) take out those that their patterns match. Only principals of this
 * account may put events, over TLS, which is all that EventBridge takes.
 *
 * With an own key there are dead letters for events that could not be encrypted or decrypted by it; without one nothing can
 * go wrong there.
 *
 * Emits aws_cloudwatch_event_bus, aws_cloudwatch_event_archive where events are archived, and a `DeadLetterQueue` with a key. 1.00 USD a
 * million events (each 64 KB counts), matching and delivery to queues, topics and functions included; 0.10 USD a GB archived, 0.023
 * a GB-month kept.
 *
 * @example
 * const orders = new EventBus(scope, 'orders', { name: 'orders', archiveDays: 30 });
 * orders.grantPut(fn, { sources: ['shop.orders'], detailTypes: ['Order Placed'] });
 * fn.onSuccess(orders);
 */
export class EventBus extends Construct implements Destination {
  /** `undefined` for the default bus. */
  readonly bus?: CloudwatchEventBus;
  readonly archive?: CloudwatchEventArchive;
  readonly deadLetterQueue?: DeadLetterQueue;
  readonly isFifo = false;

  constructor(
    scope: Construct,
    id: string,
    readonly props: EventBusProps,
  ) {
    super(scope, id);
    validate(this, props);
    if (props.name !== 'default') {
      this.deadLetterQueue = this.createDeadLetterQueue();
      this.bus = this.createBus();
      this.deadLetterQueue?.allowDelivery({ service: 'events', arn: this.arn });
    }
    this.archive = this.createArchive();
  }

  /** The bus that every account has: S3, other AWS services, and whoever names no bus put their events there. */
  static default(scope: Construct): EventBus {
    const stack = TerraformStack.of(scope);
    const id = 'default-event-bus';
    const known = stack.node.tryFindChild(id) as EventBus | undefined;
    return known ?? new EventBus(stack, id, { name: 'default' });
  }

  get name(): string {
    return this.bus?.name ?? this.props.name;
  }

  get arn(): string {
    return this.bus?.arn ?? Account.of(this).arn('events', 'event-bus/default');
  }

  /** Lets the function's code put events, of these sources and detail types only where they are given. */
  grantPut(fn: LambdaFunction, { sources, detailTypes }: PutOptions = {}): void {
    const statement: Statement = { sid: 'PutEvents', actions: ['events:PutEvents'], resources: [this.arn] };
    const keys = {
      ...(sources && { 'events:source': this.listed('sources', sources) }),
      ...(detailTypes && { 'events:detail-type': this.listed('detailTypes', detailTypes) }),
    };
    if (Object.keys(keys).length === 0) return fn.grant(statement);
    // For this bus alone: merged with another's, the sources of either would do for both.
    const sid = `PutEventsTo${pathId(this).replaceAll(/[^a-zA-Z0-9]/g, '')}`;
    fn.grant({ ...statement, sid, condition: { StringEquals: keys } });
  }

  /** Lets AWS put events here in somebody's name: a rule of another bus, or records of a function's invocations. */
  grantDelivery(grantee: Grantee): void {
    grantee.grantIndirect({ sid: 'ForwardEvents', actions: ['events:PutEvents'], resources: [this.arn] });
  }

  private listed(property: string, values: readonly string[]): readonly string[] {
    requireThat(this, values.length > 0, property, values, 'one or more are needed, or none named for any');
    return values;
  }

  private createDeadLetterQueue(): DeadLetterQueue | undefined {
    const { name, encryptionKey } = this.props;
    if (!encryptionKey) return undefined;
    encryptionKey.admit('event-bus');
    // Not by that key: what it could not encrypt would not go in here either.
    return new DeadLetterQueue(this, 'dead-letters', { name: `${name}-bus-dead-letters` });
  }

  private createBus(): CloudwatchEventBus {
    const { name, description, encryptionKey, overrides } = this.props;
    return new CloudwatchEventBus(this, 'bus', {
      name,
      description,
      ...(encryptionKey && { kmsKeyIdentifier: encryptionKey.arn }),
      ...(this.deadLetterQueue && { deadLetterConfig: { arn: this.deadLetterQueue.arn } }),
      ...overrides,
    });
  }

  private createArchive(): CloudwatchEventArchive | undefined {
    const { name, archiveDays } = this.props;
    if (archiveDays === undefined) return undefined;
    return new CloudwatchEventArchive(this, 'archive', {
      name,
      eventSourceArn: this.arn,
      retentionDays: archiveDays,
    });
  }
}

function validate(bus: EventBus, props: EventBusProps): void {
  const { name, archiveDays, encryptionKey } = props;
  const source = 'EventBridge CreateEventBus';
  const nameRule = `up to 256 letters, digits, ., - and _ are allowed, and aws. at the front is AWS's own (${source})`;
  requireMatch(bus, 'name', name, /^(?!aws\.)[a-zA-Z0-9._-]{1,256}$/, nameRule);
  const keyRule = 'the default bus is not made here: its key cannot be set';
  requireThat(bus, name !== 'default' || !encryptionKey, 'name', name, keyRule);
  const descriptionRule = `up to 512 characters are allowed (${source})`;
  requireMatch(bus, 'description', props.description, /^.{0,512}$/s, descriptionRule);
  requireInteger(bus, 'archiveDays', archiveDays, { min: 1, max: 36_500 }, 'EventBridge CreateArchive');
  const archiveRule = 'the archive has the name of the bus, and EventBridge takes 48 characters for one';
  requireThat(bus, archiveDays === undefined || name.length <= 48, 'name', name, archiveRule);
  const queueRule =
    'the dead letters of a bus with a key have its name with -bus-dead-letters: 63 letters, digits, _ and - at most';
  requireThat(bus, !encryptionKey || /^[a-zA-Z0-9_-]{1,63}$/.test(name), 'name', name, queueRule);
}
