import type { ObjectSource } from '../cdn';
import type { Clock } from '../clock';
import type { EventBuses, Guard, InvocationObserver, LogSink, Reporter, Tracer } from '../contracts';
import type { LazyDynamoDb } from '../dynamodb';
import type { FunctionPermissions } from '../iam';
import type { Broker } from '../engine';
import type { LazyKinesis } from '../kinesis';
import type { LambdaService } from '../lambda';
import type { StreamSources } from '../streams';
import type { Resolver } from '../synth';
import type { WireContext } from '../wire';
import { alarms } from './alarms';
import { buckets } from './buckets';
import type { DataFolder } from './data-folder';
import { distributions } from './distributions';
import { events } from './events';
import type { StackFunction } from './functions';
import { logs } from './logs';
import type { Shutdown } from './shutdown';
import { streams } from './streams';
import { userPools } from './user-pools';

/** What rooms offer each other and Lambda; a room that is not there offers nothing. */
export interface Offers {
  readonly buses?: EventBuses;
  readonly logs?: LogSink;
  readonly streams?: StreamSources;
  readonly objects?: ObjectSource;
  readonly kinesis?: LazyKinesis;
  readonly observer?: InvocationObserver;
}

/** What a room gets to host its part of a stack. What is there only later in the start is a function. */
export interface RoomContext {
  readonly resolver: Resolver;
  readonly data: DataFolder;
  readonly clock: Clock;
  readonly reporter: Reporter;
  /** Its `activity` tells progress; its internal queues keep what is to be delivered. */
  readonly broker: Broker;
  readonly dynamodb: LazyDynamoDb;
  readonly tracer: Tracer;
  /** Which services may invoke which functions. */
  readonly permissions: FunctionPermissions;
  readonly functions: () => readonly StackFunction[];
  readonly lambda: () => LambdaService;
  readonly guard: () => Guard;
  /** Of all rooms, once they are open. */
  readonly offers: () => Offers;
}

/** A part of the runtime that hosts some types of resources: an AWS service. */
export interface Room {
  /** What its operations work on, for the AWS endpoint. */
  readonly wire?: Partial<WireContext>;
  readonly offers?: Offers;
  /** Begins to deliver: functions, queues and topics are there, and the endpoint answers. */
  start?(): void | Promise<void>;
  /** Resolves when nothing of it is under way and everything is kept. */
  stop?(): Promise<void>;
  /** Lines of the banner, each with its word: `['buckets', 'documents, reports']`. */
  banner?(): [string, string][];
}

/** Opens a room before functions are loaded. @throws UserError for what AWS would refuse */
export interface RoomKind {
  readonly name: string;
  open(context: RoomContext): Room | Promise<Room>;
}

/** Every room; a new one is a file and a line here. */
const KINDS: readonly RoomKind[] = [logs, events, streams, buckets, userPools, distributions, alarms];

/** The open rooms of a stack. */
export class Rooms {
  private constructor(private readonly rooms: readonly Room[]) {}

  static async open(context: Omit<RoomContext, 'offers'>, shutdown: Shutdown): Promise<Rooms> {
    const rooms: Room[] = [];
    const all = new Rooms(rooms);
    for (const kind of KINDS) {
      const room = await kind.open({ ...context, offers: () => all.offers });
      shutdown.add(kind.name, () => room.stop?.() ?? Promise.resolve());
      rooms.push(room);
    }
    return all;
  }

  get wire(): Partial<WireContext> {
    return Object.assign({}, ...this.rooms.map(({ wire }) => wire)) as Partial<WireContext>;
  }

  get offers(): Offers {
    return Object.assign({}, ...this.rooms.map(({ offers }) => offers)) as Offers;
  }

  get banner(): [string, string][] {
    return this.rooms.flatMap((room) => room.banner?.() ?? []);
  }

  async start(): Promise<void> {
    for (const room of this.rooms) await room.start?.();
  }
}
