import { request } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { startServer } from '../../src/server';
import type { MessagingServer, ServerInput } from '../../src/server';
import { startCloud } from '../support';
import type { Cloud } from '../support';

export const TOKENS = {
  reader: 'the-token-of-a-reader',
  writer: 'the-token-of-a-writer',
  admin: 'the-token-of-an-admin',
};

/** A server in this process, on an AWS endpoint in this process. */
export interface Place {
  readonly cloud: Cloud;
  readonly server: MessagingServer;
  /** What it logged, parsed. */
  readonly log: Record<string, unknown>[];
  close(): Promise<void>;
}

export async function startPlace(settings: ServerInput = {}, cloud?: Cloud): Promise<Place> {
  const own = cloud ?? (await startCloud());
  const log: Record<string, unknown>[] = [];
  const server = await startServer(
    {
      endpoint: own.runtime.endpoint.url,
      region: 'us-east-1',
      port: 0,
      watch: 'off',
      rateLimit: { perSecond: 0 },
      tokens: [
        { name: 'reader', scope: 'read', token: TOKENS.reader },
        { name: 'writer', scope: 'write', token: TOKENS.writer },
        { name: 'admin', scope: 'admin', token: TOKENS.admin },
      ],
      ...settings,
    },
    { log: (line) => log.push(JSON.parse(line) as Record<string, unknown>) },
  );
  return {
    cloud: own,
    server,
    log,
    async close() {
      await server.stop();
      if (cloud === undefined) await own.close();
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

export interface Asked {
  readonly method?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A request that may have any headers, `Host` and `Origin` among them. */
export async function ask(url: string, { method, token, headers, body }: Asked = {}): Promise<Answer> {
  const response = await open(url, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  let text = '';
  for await (const chunk of response) text += String(chunk);
  const isJson = /json/.test(response.headers['content-type'] ?? '');
  return {
    status: response.statusCode!,
    headers: response.headers,
    text,
    json: isJson && text !== '' ? (JSON.parse(text) as Record<string, unknown>) : {},
  };
}

function open(
  url: string,
  { method = 'GET', headers, body }: { method?: string; headers: Record<string, string>; body?: string },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { method, headers, agent: false }, resolve);
    asking.once('error', reject);
    asking.end(body);
  });
}

/** One frame of Server-Sent Events, by the standard's rules. */
export interface Frame {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: string;
}

/** A client of Server-Sent Events that remembers the last id, as browsers do. */
export class EventClient {
  lastId: string | undefined;
  retry: string | undefined;
  heartbeats = 0;
  ended = false;
  readonly frames: Frame[] = [];
  private response: IncomingMessage | undefined;
  private rest = '';
  private waiting: (() => void) | undefined;

  constructor(
    private readonly url: string,
    private readonly token: string | undefined,
    private readonly keep: (frame: Frame) => void = (frame) => this.frames.push(frame),
  ) {}

  /** Connects, or comes back with the last id. */
  async connect(): Promise<void> {
    const headers = {
      ...(this.token !== undefined && { authorization: `Bearer ${this.token}` }),
      ...(this.lastId !== undefined && { 'last-event-id': this.lastId }),
    };
    const response = await open(this.url, { headers });
    if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
    this.rest = '';
    this.ended = false;
    this.response = response;
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => this.take(chunk));
    response.on('error', () => undefined);
    response.on('close', () => {
      this.ended = true;
      this.waiting?.();
    });
  }

  /** Cuts the connection off, whatever is on its way. */
  async cut(): Promise<void> {
    const { response } = this;
    if (response === undefined || response.closed) return;
    const closed = new Promise((resolve) => response.once('close', resolve));
    response.destroy();
    await closed;
  }

  /** Stops reading: what the server sends stays in the sockets. */
  pause(): void {
    this.response?.pause();
  }

  resume(): void {
    this.response?.resume();
  }

  /** Until the condition holds, asked after everything that arrives. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => (this.waiting = resolve));
  }

  private take(chunk: string): void {
    const blocks = (this.rest + chunk).split('\n\n');
    this.rest = blocks.pop()!;
    for (const block of blocks) this.read(block);
    this.waiting?.();
  }

  private read(block: string): void {
    const fields = new Map<string, string>();
    for (const line of block.split('\n')) {
      if (line.startsWith(':')) this.heartbeats += 1;
      const [name = '', ...value] = line.split(': ');
      fields.set(name, value.join(': '));
    }
    this.retry = fields.get('retry') ?? this.retry;
    this.lastId = fields.get('id') ?? this.lastId;
    const data = fields.get('data');
    if (data !== undefined) this.keep({ id: fields.get('id'), event: fields.get('event'), data });
  }
}
