import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { listen } from './ports';

/**
 * Stands in for a database that a function cannot reach: it takes connections and never says a word, which is how a security
 * group drops packets. What the function sees is its own timeout.
 */
export class BlackHole {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  /** @param onConnect called with each connection, to say why nothing will come of it */
  static async open(onConnect: () => void): Promise<BlackHole> {
    const server = createServer();
    const hole = new BlackHole(server, await listen(server, 0));
    server.on('connection', (socket) => {
      hole.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => hole.sockets.delete(socket));
      // Read and dropped, or the caller's end would not be noticed.
      socket.resume();
      onConnect();
    });
    return hole;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.sockets.forEach((socket) => socket.destroy());
    await closed;
  }
}
