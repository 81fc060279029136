import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { UserError } from '../errors';
import type { RequestedPort } from './options';

const TRIES = 100;

/** A port on 127.0.0.1, and whether it is another than the default. */
export interface ChosenPort {
  readonly port: number;
  /** The default that was taken. */
  readonly insteadOf?: number;
}

/**
 * The requested port, or the default, or the next free one after that.
 *
 * @param used ports that are spoken for
 * @throws {@link UserError} where a requested port is taken
 */
async function choosePort(
  requested: RequestedPort | undefined,
  defaultPort: number,
  used: readonly number[] = [],
): Promise<ChosenPort> {
  if (requested !== undefined) {
    const port = await tryPort(requested.port);
    if (typeof port === 'number' && !used.includes(port)) {
      return { port };
    }
    const why = port === 'forbidden' ? 'is for root only' : 'is taken: stop what listens there';
    throw new UserError(`Port ${requested.port} (${requested.by}) ${why}, or ask for another`);
  }
  for (let candidate = defaultPort; candidate < defaultPort + TRIES; candidate += 1) {
    if (!used.includes(candidate) && typeof (await tryPort(candidate)) === 'number') {
      return candidate === defaultPort ? { port: candidate } : { port: candidate, insteadOf: defaultPort };
    }
  }
  throw new UserError(`No free port from ${defaultPort} to ${defaultPort + TRIES - 1}`);
}

/** The port, or the one that 0 became, or why it cannot be listened on. */
async function tryPort(port: number): Promise<number | 'forbidden' | 'taken'> {
  const server = createServer();
  try {
    const opened = await listen(server, port);
    await new Promise((resolve) => server.close(resolve));
    return opened;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? 'forbidden' : 'taken';
  }
}

/** Listens on 127.0.0.1 and resolves to the port; 0 takes a free one. */
export function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/** The ports of everything that listens. */
export interface Ports {
  /** By the API's address in the stack. */
  readonly apis: ReadonlyMap<string, ChosenPort>;
  readonly aws: ChosenPort;
  /** Each with a word for what listens on it. */
  all(): [string, ChosenPort][];
}

const DEFAULT_API_PORT = 3000;
const DEFAULT_AWS_PORT = 4566;

/**
 * @param addresses of the stacks' HTTP APIs; the first gets the port that was asked for
 * @throws {@link UserError} where a requested port is taken
 */
export async function choosePorts(
  addresses: readonly string[],
  requested: { readonly port?: RequestedPort; readonly awsPort?: RequestedPort },
): Promise<Ports> {
  const aws = await choosePort(requested.awsPort, DEFAULT_AWS_PORT);
  const apis = new Map<string, ChosenPort>();
  const used = [aws.port];
  for (const [index, address] of addresses.entries()) {
    // Where the first may have any port, so may the others.
    const asked = index === 0 || requested.port?.port === 0 ? requested.port : undefined;
    const chosen = await choosePort(asked, (requested.port?.port || DEFAULT_API_PORT) + index, used);
    used.push(chosen.port);
    apis.set(address, chosen);
  }
  return {
    apis,
    aws,
    all: () => [...[...apis.values()].map((port): [string, ChosenPort] => ['apigw', port]), ['aws', aws]],
  };
}
