import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { UserError } from '../errors';

const LISTENING = /^Debugger listening on ws:\/\/127\.0\.0\.1:(\d+)\/([\w-]+)$/;
const CHATTER =
  /^(?:For help, see: https:\/\/nodejs\.org|Debugger attached\.|Debugger ending on|Waiting for the debugger to disconnect)/;
const UPGRADE = /\r\nupgrade:\s*websocket\r\n/i;

/**
 * A port on 127.0.0.1 that stays the same while instances of a function come and go: whoever connects reaches the inspector of
 * the one that runs. It knows whether a debugger is attached, which Node.js itself tells nobody.
 */
export class DebugPort {
  private target: number | undefined;
  private readonly debuggers = new Set<Socket>();
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
    private readonly onUrl: (url: string) => void,
  ) {
    server.on('connection', (client) => this.forward(client));
  }

  /**
   * @param port 0 takes a free one
   * @param onUrl gets the debugger's URL for each instance
   * @throws UserError where the port is taken
   */
  static async open(port: number, onUrl: (url: string) => void): Promise<DebugPort> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', () => reject(new UserError(`Port ${port} (--inspect) is taken: ask for another`)));
      server.listen(port, '127.0.0.1', resolve);
    });
    // The runtime decides how long it lives.
    server.unref();
    return new DebugPort(server, (server.address() as { port: number }).port, onUrl);
  }

  get isAttached(): boolean {
    return this.debuggers.size > 0;
  }

  /** Takes what Node.js's inspector says on stderr. @returns whether it was that */
  readLine(line: string): boolean {
    const [, port, id] = LISTENING.exec(line) ?? [];
    if (port === undefined) return CHATTER.test(line);
    this.target = Number(port);
    this.onUrl(`ws://127.0.0.1:${this.port}/${id}`);
    return true;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private forward(client: Socket): void {
    if (this.target === undefined) {
      client.destroy();
      return;
    }
    const inspector = connect(this.target, '127.0.0.1');
    client.once('data', (head: Buffer) => {
      if (UPGRADE.test(head.toString('latin1'))) this.debuggers.add(client);
    });
    for (const [socket, other] of [
      [client, inspector],
      [inspector, client],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.sockets.delete(socket);
        this.debuggers.delete(socket);
        other.destroy();
      });
    }
    client.pipe(inspector);
    inspector.pipe(client);
  }
}
