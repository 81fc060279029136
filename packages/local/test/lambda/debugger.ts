import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Socket } from 'node:net';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** A debugger as far as tests need one: the inspector protocol over a WebSocket. */
export class Debugger {
  private lastId = 0;
  private received = Buffer.alloc(0);
  private readonly waiting = new Map<number | string, (message: Message) => void>();

  private constructor(private readonly socket: Socket) {
    socket.on('data', (data: Buffer) => {
      this.received = Buffer.concat([this.received, data]);
      this.readFrames();
    });
  }

  static async attach(url: string): Promise<Debugger> {
    const { hostname, port, pathname } = new URL(url);
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': randomBytes(16).toString('base64'),
      'sec-websocket-version': '13',
    };
    return new Promise((resolve, reject) => {
      request({ hostname, port, path: pathname, headers })
        .on('upgrade', (_response, socket: Socket) => resolve(new Debugger(socket)))
        .on('response', ({ statusCode }) => reject(new Error(`no WebSocket: ${statusCode}`)))
        .on('error', reject)
        .end();
    });
  }

  async send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = (this.lastId += 1);
    const answer = new Promise<Message>((resolve) => this.waiting.set(id, resolve));
    this.writeFrame(Buffer.from(JSON.stringify({ id, method, params })));
    const { result, error } = await answer;
    if (error) throw new Error(error.message);
    return result ?? {};
  }

  /** Resolves at the next event of that name. */
  event(method: string): Promise<unknown> {
    return new Promise((resolve) => this.waiting.set(method, resolve));
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.socket.once('close', resolve));
    this.socket.destroy();
    await closed;
  }

  /** Client frames are masked; a mask of zeros changes nothing. */
  private writeFrame(text: Buffer): void {
    const length = text.length < 126 ? [text.length] : [126, text.length >> 8, text.length & 255];
    const [first = 0, ...rest] = length;
    this.socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | first, ...rest, 0, 0, 0, 0]), text]));
  }

  private readFrames(): void {
    for (;;) {
      const short = (this.received[1] ?? 0) & 127;
      const head = short === 127 ? 10 : short === 126 ? 4 : 2;
      if (this.received.length < head) return;
      const long = head === 10 ? Number(this.received.readBigUInt64BE(2)) : this.received.readUInt16BE(2);
      const end = head + (head === 2 ? short : long);
      if (this.received.length < end) return;
      const message = JSON.parse(this.received.toString('utf8', head, end)) as Message;
      this.received = this.received.subarray(end);
      const key = message.id ?? message.method ?? '';
      this.waiting.get(key)?.(message);
      this.waiting.delete(key);
    }
  }
}
