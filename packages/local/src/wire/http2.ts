import type { Server } from 'node:http';
import type { Http2Server, ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';

/** How a client that speaks HTTP/2 from the start begins: https://www.rfc-editor.org/rfc/rfc9113#section-3.4 */
const PREFACE = 'PRI * HTTP/2.0';

/**
 * Lets a server of HTTP/1.1 answer HTTP/2 on the same port: the AWS SDK for JavaScript speaks nothing else to Kinesis. The
 * requests of both are the server's own.
 */
export class Http2Connections {
  private readonly sockets = new Set<Socket>();
  private readonly sessions = new Set<ServerHttp2Session>();
  private http2: Promise<Http2Server> | undefined;

  constructor(private readonly server: Server) {
    const http1 = server.listeners('connection') as ((this: Server, socket: Socket) => void)[];
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => this.tell(socket, () => http1[0]!.call(server, socket)));
  }

  /** Ends every connection that is not the server's to end. */
  closeAll(): void {
    for (const socket of this.sockets) socket.destroy();
    for (const session of this.sessions) session.destroy();
  }

  /** Looks at the first bytes, and hands the connection on with them. */
  private tell(socket: Socket, useHttp1: () => void): void {
    const forget = () => this.sockets.delete(socket);
    const onError = () => socket.destroy();
    this.sockets.add(socket);
    socket.once('close', forget).once('error', onError);
    socket.once('readable', () => {
      forget();
      socket.off('close', forget).off('error', onError);
      const first = socket.read() as Buffer | null;
      if (first !== null) socket.unshift(first);
      if (first?.toString('latin1', 0, PREFACE.length) !== PREFACE) useHttp1();
      else void this.useHttp2(socket);
    });
  }

  private async useHttp2(socket: Socket): Promise<void> {
    this.http2 ??= this.open();
    (await this.http2).emit('connection', socket);
  }

  private async open(): Promise<Http2Server> {
    const { createServer } = await import('node:http2');
    const http2 = createServer();
    http2.on('session', (session) => {
      this.sessions.add(session);
      session.once('close', () => this.sessions.delete(session));
    });
    http2.on('request', (request, response) => {
      request.headers.host ??= request.authority;
      // Both are made to be used like HTTP/1.1's.
      this.server.emit('request', request, response);
    });
    return http2;
  }
}
