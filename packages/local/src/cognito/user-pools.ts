import { join } from 'node:path';
import type { Clock } from '../clock';
import { SignIns } from './sign-ins';
import { Tokens } from './tokens';
import type { ClientConfig, UserPoolConfig } from './types';
import { UserPool } from './user-pool';

/** A user pool with what is done with it. */
export interface HostedUserPool {
  readonly pool: UserPool;
  readonly tokens: Tokens;
  readonly signIns: SignIns;
}

/** The user pools of the stack. */
export class UserPools {
  private readonly hosted: readonly HostedUserPool[];

  /**
   * @param folder where each has a file
   * @param onInvited gets the temporary password that Cognito would have mailed to somebody new
   */
  constructor(
    configs: readonly UserPoolConfig[],
    folder: string,
    clock: Clock,
    readonly onInvited: (username: string, temporaryPassword: string) => void = () => undefined,
  ) {
    this.hosted = configs.map((config) => {
      const pool = new UserPool(config, join(folder, `${config.id}.json`), clock);
      const tokens = new Tokens(pool, clock);
      return { pool, tokens, signIns: new SignIns(pool, tokens, clock) };
    });
  }

  list(): readonly HostedUserPool[] {
    return this.hosted;
  }

  find(id: string): HostedUserPool | undefined {
    return this.hosted.find(({ pool }) => pool.config.id === id);
  }

  /** The pool of an app client: client ids are unique. */
  ofClient(clientId: string): { readonly hosted: HostedUserPool; readonly client: ClientConfig } | undefined {
    for (const hosted of this.hosted) {
      const client = hosted.pool.client(clientId);
      if (client !== undefined) return { hosted, client };
    }
    return undefined;
  }
}
