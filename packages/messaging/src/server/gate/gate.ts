import type { IncomingHttpHeaders } from 'node:http';
import type { Access, Scope } from '../../rest/options';
import { covers } from '../../rest/options';
import { Problem } from '../../rest/problem';
import type { ServerSettings } from '../config/schema';
import { Hosts } from './hosts';
import type { Allowance } from './rate-limit';
import { RateLimiter } from './rate-limit';
import { bearerToken, TokenStore } from './tokens';

const ANYBODY: Access = { name: 'anybody', scope: 'admin' };

/** Lets requests in, by HTTP and socket.io alike: the right host, the right page, a known token, not too many. */
export class Gate {
  readonly hosts: Hosts;
  readonly limiter: RateLimiter | undefined;
  private readonly tokens: TokenStore;

  constructor(private readonly settings: ServerSettings) {
    this.hosts = new Hosts(settings);
    this.tokens = new TokenStore(settings.tokens);
    const { perSecond, burst } = settings.rateLimit;
    this.limiter = perSecond === 0 ? undefined : new RateLimiter(perSecond, burst);
  }

  /** What is wrong with the names in a request; undefined: nothing. */
  refusal({ host, origin }: IncomingHttpHeaders): Problem | undefined {
    if (!this.hosts.allowsHost(host)) {
      return new Problem(
        'misdirected-request',
        `The host ${JSON.stringify((host ?? '').slice(0, 100))} is none of this server's (allowedHosts).`,
      );
    }
    if (this.hosts.allowsOrigin(origin, host)) return undefined;
    return new Problem('foreign-origin', 'Pages of this origin may not call this server (allowedOrigins).');
  }

  /** Who sends the token; undefined: nobody that is known. */
  identify(token: string | undefined): Access | undefined {
    if (!this.settings.auth) return ANYBODY;
    return token === undefined ? undefined : this.tokens.find(token);
  }

  /** Who calls, by the header `Authorization`. */
  caller({ authorization }: IncomingHttpHeaders): Access | undefined {
    return this.identify(bearerToken(authorization));
  }

  /** Counts a request; undefined where nothing is limited. */
  take(access: Access | undefined, address: string | undefined): Allowance | undefined {
    // Strangers are counted by their address, whatever tokens they try.
    return this.limiter?.take(access === undefined || !this.settings.auth ? `@${address}` : access.name);
  }
}

/**
 * The caller, if the scope covers what is needed.
 *
 * @returns the problem that is the answer
 */
export function authorize(access: Access | undefined, needed: Scope): Access | Problem {
  if (access === undefined) {
    return new Problem(
      'unauthenticated',
      'Send `Authorization: Bearer <token>` with a token of this server.',
      {
        headers: { 'www-authenticate': 'Bearer realm="aws-micro messaging"' },
      },
    );
  }
  if (covers(access.scope, needed)) return access;
  return new Problem(
    'insufficient-scope',
    `The token "${access.name}" has the scope ${access.scope}; ${needed} is needed.`,
  );
}
