import type { Server } from 'node:http';
import type { Clock } from '../clock';
import type { Guard, Invoker } from '../contracts';
import type { Activity } from '../engine/activity';
import { apiServer, apisOf, HttpApi } from '../http';
import type { ApiConfig } from '../http';
import type { Resolver } from '../synth';
import { listen } from './ports';

/** Documented for developers who sign requests to the local APIs. */
export const DEVELOPER_KEY = { accessKeyId: 'test', secretAccessKey: 'test' } as const;

export interface ApisOptions {
  readonly resolver: Resolver;
  /** Ports by the API's address in the stack. */
  readonly ports: ReadonlyMap<string, number>;
  readonly invoker: Invoker;
  readonly guard: Guard;
  /** Of the functions. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly activity: Activity;
  readonly clock: Clock;
}

/** The HTTP APIs of the stack, ready to listen. */
export class Apis {
  private readonly servers: readonly { readonly server: Server; readonly port: number }[];
  readonly configs: readonly ApiConfig[];

  constructor(options: ApisOptions) {
    const { resolver, ports, secrets } = options;
    this.configs = apisOf(resolver);
    const secretOf = (accessKeyId: string) =>
      accessKeyId === DEVELOPER_KEY.accessKeyId ? DEVELOPER_KEY.secretAccessKey : secrets.get(accessKeyId);
    this.servers = this.configs.map((config) => ({
      server: apiServer(new HttpApi({ ...options, config, secretOf })),
      port: ports.get(config.address)!,
    }));
  }

  async listen(): Promise<void> {
    await Promise.all(this.servers.map(({ server, port }) => listen(server, port)));
  }

  /** Takes no more requests; those that are under way are answered. */
  async stop(): Promise<void> {
    await Promise.all(
      this.servers.map(async ({ server }) => {
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeIdleConnections();
        await closed;
      }),
    );
  }
}
