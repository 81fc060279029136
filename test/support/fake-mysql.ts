import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket } from 'node:tls';

export interface FakeMySqlOptions {
  /** PEM; without it the server has no TLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/**
 * A server that asks every client for its password in clear text, as RDS asks for an IAM token, and as an attacker
 * would. It speaks MySQL's protocol just far enough.
 */
export interface FakeMySql {
  readonly port: number;
  /** What came in, as far as somebody on the network could read it. */
  readonly onTheWire: () => string;
  /** Passwords in clear text that the server was given. */
  readonly passwords: string[];
  close(): Promise<void>;
}

const CLIENT_SSL = 0x0800;
const CAPABILITIES = 0x00ff_f7ff & ~CLIENT_SSL;
/** A request for TLS is a login that ends before the user's name. */
const SSL_REQUEST_BYTES = 32;
const OK = Buffer.from([0, 0, 0, 2, 0, 0, 0]);
const CLEAR_PASSWORD = Buffer.from('\xfemysql_clear_password\0', 'latin1');

export async function startFakeMySql({ tls }: FakeMySqlOptions = {}): Promise<FakeMySql> {
  const wire: Buffer[] = [];
  const passwords: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.on('data', (chunk) => wire.push(chunk));
    socket.write(packet(0, greeting(tls !== undefined)));
    socket.once('data', (first) => {
      if (!tls || first.readUIntLE(0, 3) !== SSL_REQUEST_BYTES) return answerLogin(socket, first);
      const secure = upgrade(socket, first.subarray(4 + SSL_REQUEST_BYTES), tls);
      secure.once('data', (login: Buffer) => answerLogin(secure, login));
    });
  });
  const answerLogin = (socket: Duplex, request: Buffer): void => {
    const sequence = request.readUInt8(3);
    socket.write(packet(sequence + 1, CLEAR_PASSWORD));
    socket.once('data', (answer: Buffer) => {
      passwords.push(answer.subarray(4, -1).toString());
      socket.write(packet(sequence + 3, OK));
    });
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    onTheWire: () => Buffer.concat(wire).toString('latin1'),
    passwords,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** @param begun what the client sent of the TLS handshake together with its request for it */
function upgrade(socket: Socket, begun: Buffer, tls: { key: string; cert: string }): TLSSocket {
  const stream = new Duplex({
    read: () => undefined,
    write: (chunk, _encoding, done) => void socket.write(chunk as Buffer, done),
  });
  socket.on('data', (chunk) => stream.push(chunk));
  stream.push(begun);
  const secure = new TLSSocket(stream, { isServer: true, secureContext: createSecureContext(tls) });
  return secure.on('error', () => undefined);
}

function packet(sequence: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  header.writeUInt8(sequence, 3);
  return Buffer.concat([header, payload]);
}

/** Protocol::HandshakeV10. */
function greeting(withTls: boolean): Buffer {
  const capabilities = CAPABILITIES | (withTls ? CLIENT_SSL : 0);
  const fixed = Buffer.alloc(16);
  fixed.writeUInt16LE(capabilities & 0xffff, 0);
  fixed.writeUInt8(45, 2); // utf8mb4_general_ci
  fixed.writeUInt16LE(2, 3);
  fixed.writeUInt16LE(capabilities >>> 16, 5);
  fixed.writeUInt8(21, 7);
  return Buffer.concat([
    Buffer.from('\x0a8.4.0\0', 'latin1'),
    Buffer.from([1, 0, 0, 0]),
    Buffer.from('saltsalt\0', 'latin1'),
    fixed.subarray(0, 8),
    Buffer.alloc(10),
    Buffer.from('saltsaltsalt\0mysql_native_password\0', 'latin1'),
  ]);
}
