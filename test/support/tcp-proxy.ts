import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A network between a client and a server of this machine, which tests break. */
export class TcpProxy {
  /** Connections that were opened through it. */
  connections = 0;
  /** Bytes that came from the server. */
  bytesToClient = 0;
  /** Connections on which a client sends more are cut. */
  maxBytesFromClient = Infinity;
  private silent = false;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {}

  /**
   * @param target port on 127.0.0.1
   * @param port its own; 0 takes any that is free
   */
  static async start(target: number, port = 0): Promise<TcpProxy> {
    const server = createServer();
    const proxy = new TcpProxy(server, target);
    server.on('connection', (socket) => proxy.join(socket));
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Open connections and new ones stay open, but nothing comes through any more, as behind a lost route. */
  blackHole(): void {
    this.silent = true;
  }

  /** New connections work again; those that fell silent stay so. */
  heal(): void {
    this.silent = false;
    for (const socket of this.sockets) socket.removeAllListeners('data');
  }

  /** Ends all connections, as a server does that is restarted. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Refuses connections from now on. */
  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket): void {
    this.connections++;
    const upstream = connect(this.target, '127.0.0.1');
    let bytesFromClient = 0;
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.sockets.add(from);
      from.on('data', (chunk) => {
        if (this.silent) return;
        if (to === client) this.bytesToClient += chunk.length;
        else bytesFromClient += chunk.length;
        if (bytesFromClient > this.maxBytesFromClient) return void client.resetAndDestroy();
        to.write(chunk);
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
    }
  }
}
