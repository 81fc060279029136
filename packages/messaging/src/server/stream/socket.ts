import type { Server as HttpServer } from 'node:http';
import { Server } from 'socket.io';
import type { Socket } from 'socket.io';
import * as v from 'valibot';
import { Problem } from '../../rest/problem';
import { authorize } from '../gate/gate';
import type { Gate } from '../gate/gate';
import { EventFilter } from './filter';
import type { FilterError } from './filter';
import { EventReader } from './reader';
import type { Item } from './reader';
import type { Streams } from './streams';

/** Events that a connection may have waiting in the process. */
const MAX_WAITING = 100;
/** Clients send subscriptions only. */
const MAX_MESSAGE_BYTES = 65_536;
/** For the handshake, in which the token comes. */
const CONNECT_TIMEOUT_MS = 10_000;
export const NAMESPACE = '/v1/events';

const textList = v.optional(v.union([v.string(), v.array(v.string())]), []);
const wishSchema = v.object({ type: textList, resource: textList });
const handshakeSchema = v.object({
  ...wishSchema.entries,
  token: v.optional(v.string()),
  ticket: v.optional(v.string()),
  lastEventId: v.optional(v.string()),
});

interface FromServer {
  /** A CloudEvent, and the id to come back with. */
  event: (event: unknown, id: string) => void;
  gap: (gap: unknown, id: string) => void;
  /** First of all: who is cut off before the first event comes back with this id. */
  position: (id: string) => void;
  /** Before the server stops; it may be back soon. */
  stopping: () => void;
}

interface FromClient {
  /** Changes what comes from now on. */
  subscribe: (wish: unknown, done?: (result: { error?: string }) => void) => void;
}

type EventSocket = Socket<FromClient, FromServer>;

/**
 * The event stream by socket.io, in the namespace `/v1/events`: the handshake's `auth` takes `{token | ticket, type?, resource?,
 * lastEventId?}`; `event` and `gap` carry what Server-Sent Events do, with the same ids.
 */
export class SocketStreams {
  private readonly io: Server<FromClient, FromServer>;

  constructor(
    server: HttpServer,
    private readonly gate: Gate,
    private readonly streams: Streams,
  ) {
    this.io = new Server(server, {
      serveClient: false,
      maxHttpBufferSize: MAX_MESSAGE_BYTES,
      connectTimeout: CONNECT_TIMEOUT_MS,
      cors: {
        origin: (origin, done) => done(null, origin !== undefined && gate.hosts.isAllowedOrigin(origin)),
      },
      allowRequest: ({ headers, socket }, done) => {
        const refused = gate.refusal(headers) ?? this.tooMany(socket.remoteAddress);
        done(refused?.code, refused === undefined);
      },
    });
    // Everybody may join this one by default, and stay.
    this.io.use((_, next) => next(new Error('unknown-namespace')));
    const namespace = this.io.of(NAMESPACE);
    namespace.use((socket, next) => next(this.admit(socket)));
    namespace.on('connection', (socket) => this.connect(socket));
  }

  /** Ends every connection. */
  close(): void {
    this.io.disconnectSockets(true);
    this.io.engine.close();
  }

  private tooMany(address: string | undefined): Problem | undefined {
    const allowance = this.gate.take(undefined, address);
    return allowance?.allowed === false ? new Problem('throttled', 'Too many requests.') : undefined;
  }

  /** The error that the client gets; undefined: it may in. */
  private admit(socket: EventSocket): Error | undefined {
    const handshake = v.safeParse(handshakeSchema, socket.handshake.auth);
    if (!handshake.success) return new Error('invalid-parameter');
    const { token, ticket, type, resource } = handshake.output;
    const access = ticket === undefined ? this.gate.identify(token) : this.streams.tickets.redeem(ticket);
    try {
      const allowed = authorize(access, 'read');
      if (allowed instanceof Problem) throw allowed;
      this.streams.checkRoom();
      EventFilter.of([type].flat(), [resource].flat());
      return undefined;
    } catch (error) {
      const data = error instanceof Problem ? error.toJSON() : { detail: (error as FilterError).message };
      return Object.assign(new Error(error instanceof Problem ? error.code : 'invalid-parameter'), { data });
    }
  }

  private connect(socket: EventSocket): void {
    const { type, resource, lastEventId } = v.parse(handshakeSchema, socket.handshake.auth);
    const filter = EventFilter.of([type].flat(), [resource].flat());
    const stream = new SocketStream(socket, new EventReader(this.streams.log, filter, lastEventId));
    const { log, stallMs } = this.streams;
    const forget = this.streams.add(stream);
    const stopListening = log.onAppend(() => stream.pump());
    const timer = setInterval(() => stream.dropWhenStalled(stallMs), stallMs / 2);
    timer.unref();
    socket.on('subscribe', (wish, done) => {
      const result = stream.subscribe(wish);
      // Clients send what they like in its place, and nothing if they do not ask for an acknowledgement.
      if (typeof done === 'function') done(result);
    });
    socket.once('disconnect', () => {
      clearInterval(timer);
      stopListening();
      forget();
    });
    socket.emit('position', stream.position);
    stream.pump();
  }
}

/** One client. Its place in the log is all that is kept for it. */
class SocketStream {
  private stalledAt: number | undefined;
  /** Sent since the connection last took all there was. */
  private waiting = 0;

  constructor(
    private readonly socket: EventSocket,
    private readonly reader: EventReader,
  ) {
    socket.conn.on('drain', () => {
      this.waiting = 0;
      // Not at once: what is sent from within would overtake what is being flushed.
      setImmediate(() => this.pump());
    });
  }

  get position(): string {
    return this.reader.position;
  }

  close(): void {
    this.socket.emit('stopping');
  }

  pump(): void {
    while (this.socket.connected && !this.isFull) {
      const item = this.reader.next();
      if (item === undefined) break;
      this.send(item);
    }
    this.stalledAt = this.isFull ? (this.stalledAt ?? Date.now()) : undefined;
  }

  /** It comes back, and goes on where it was. */
  dropWhenStalled(stallMs: number): void {
    if (this.stalledAt !== undefined && Date.now() - this.stalledAt >= stallMs) this.socket.conn.close();
  }

  subscribe(wish: unknown): { error?: string } {
    try {
      const { type, resource } = v.parse(wishSchema, wish);
      this.reader.filter = EventFilter.of([type].flat(), [resource].flat());
      this.pump();
      return {};
    } catch (error) {
      return { error: (error as Error).message };
    }
  }

  private get isFull(): boolean {
    return this.waiting >= MAX_WAITING;
  }

  private send(item: Item): void {
    this.waiting += 1;
    if (item.kind === 'gap') this.socket.emit('gap', item.gap, item.id);
    else this.socket.emit('event', JSON.parse(item.entry.json), item.id);
  }
}
