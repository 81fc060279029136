import { isIP } from 'node:net';

/** Whether a host name or address is this machine. */
export function isLoopbackHost(host: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}

/** Whether the other end of a connection is on this machine. */
export function isLoopbackAddress(address: string | undefined): boolean {
  return address !== undefined && /^(::ffff:)?127\.|^::1$/.test(address);
}

export interface HostRules {
  /** Where the server listens. */
  readonly host: string;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
}

/**
 * Which names a server answers to, and whose pages may call it. A page whose name was made to lead here (DNS rebinding) still
 * sends that name, and another page sends its origin: neither gets through.
 */
export class Hosts {
  private readonly names: ReadonlySet<string>;
  private readonly isPublic: boolean;

  constructor(private readonly rules: HostRules) {
    this.names = new Set([rules.host, ...rules.allowedHosts].map((name) => name.toLowerCase()));
    this.isPublic = !isLoopbackHost(rules.host);
  }

  /** @param header `Host` */
  allowsHost(header: string | undefined): boolean {
    if (this.names.has('*')) return true;
    const name = /^(\[[\da-f:.]+\]|[^:/?#@\\]+)(?::\d{1,5})?$/i.exec(header ?? '')?.[1]?.toLowerCase();
    if (name === undefined) return false;
    // An address cannot be rebound: that needs a name.
    const isAddress = isIP(name.replace(/^\[|\]$/g, '')) !== 0;
    return isLoopbackHost(name) || this.names.has(name) || (this.isPublic && isAddress);
  }

  /** @param origin `Origin`, which browsers send with what a page asks for; undefined from other clients */
  allowsOrigin(origin: string | undefined, host: string | undefined): boolean {
    if (origin === undefined || this.isAllowedOrigin(origin)) return true;
    return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
  }

  /** Whether pages of another origin were let in by name: these get the headers of CORS. */
  isAllowedOrigin(origin: string): boolean {
    return this.rules.allowedOrigins.includes(origin);
  }
}
