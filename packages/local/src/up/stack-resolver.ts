import type { DatabaseServer } from '../contracts';
import { Resolver } from '../synth';
import type { StackDocument } from '../synth';
import type { DataFolder } from './data-folder';
import type { Ports } from './ports';

export const ACCOUNT_ID = '000000000000';

export interface StackResolverOptions {
  readonly stacks: readonly StackDocument[];
  readonly data: DataFolder;
  readonly environment: NodeJS.ProcessEnv;
  /** Chosen by what the stacks have: nothing asks for an endpoint before. */
  readonly ports: () => Ports;
  readonly server: () => DatabaseServer | undefined;
}

/** The values of the stacks where this process hosts them. */
export function stackResolver({ stacks, data, environment, ports, server }: StackResolverOptions): Resolver {
  const url = (port: number | undefined) => `http://127.0.0.1:${port ?? 0}`;
  const hosts = {
    accountId: ACCOUNT_ID,
    get awsEndpoint() {
      return url(ports().aws.port);
    },
    apiEndpoint: (address: string) => url(ports().apis.get(address)?.port),
    database: () => server() ?? { host: '127.0.0.1', port: 3306 },
    seed: data.state.userPassword,
    oneRegion: true,
  };
  return new Resolver(stacks, hosts, variablesOf(environment));
}

/** Terraform's variables from the environment: `TF_VAR_name`. */
function variablesOf(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment)
      .filter(([name]) => name.startsWith('TF_VAR_'))
      .map(([name, value]) => [name.slice('TF_VAR_'.length), value ?? '']),
  );
}
