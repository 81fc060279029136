import type { JSONWebKeySet } from 'jose';
import type { Clock } from '../../clock';
import { inTime } from '../invoke';

/** API Gateway keeps public keys for two hours. */
const KEEP_MS = 2 * 3600 * 1000;
/** How soon an issuer is asked again because a token names an unknown key. */
const RENEW_MS = 30_000;
const TIMEOUT_MS = 5_000;
const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|\[::1\]|localhost)$/;

interface Fetched {
  readonly keys: Promise<JSONWebKeySet>;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The public keys of issuers, by their discovery documents. */
export class IssuerKeys {
  private readonly fetched = new Map<string, Fetched>();

  /** @param places where issuers of the stack answer here, by issuer */
  constructor(
    private readonly clock: Clock,
    private readonly places: ReadonlyMap<string, string> = new Map(),
  ) {}

  /**
   * @param renewed the known keys do not serve: they are fetched again, unless they are fresh
   * @throws Error that says why the issuer's keys cannot be had
   */
  of(issuer: string, renewed = false): Promise<JSONWebKeySet> {
    const now = this.clock.now();
    const known = this.fetched.get(issuer);
    if (known !== undefined && now - known.at < (renewed ? RENEW_MS : KEEP_MS)) {
      return known.keys;
    }
    const keys = this.fetch(issuer);
    this.fetched.set(issuer, { keys, at: now });
    // What failed is tried again with the next request.
    keys.catch(() => this.fetched.delete(issuer));
    return keys;
  }

  private async fetch(issuer: string): Promise<JSONWebKeySet> {
    const at = this.places.get(issuer) ?? issuer;
    const place = `${at.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const { jwks_uri: uri } = (await this.get(place)) as { readonly jwks_uri?: unknown };
    if (typeof uri !== 'string') {
      throw new Error(`${place} names no jwks_uri`);
    }
    return (await this.get(uri)) as JSONWebKeySet;
  }

  private async get(place: string): Promise<unknown> {
    const url = new URL(place);
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK.test(url.hostname))) {
      throw new Error(`${place} is not https`);
    }
    const response = await inTime(fetch(url), TIMEOUT_MS, this.clock);
    if (response === 'timeout') throw new Error(`${place} does not answer`);
    if (!response.ok) throw new Error(`${place} answers ${response.status}`);
    return response.json();
  }
}
