import type { Json, JsonObject } from '../../synth';
import type { JwtAuthorizerConfig } from './config';

/** What is wrong with a token's claims, in the words of `WWW-Authenticate`; undefined where nothing is. */
export function claimsProblem(
  claims: JsonObject,
  { issuers, audience, audiencePattern }: JwtAuthorizerConfig,
  nowSeconds: number,
): string | undefined {
  const { iss, exp, nbf, iat } = claims;
  if (typeof iss !== 'string' || !issuers.includes(iss)) {
    return 'the token does not have a valid issuer';
  }
  // `client_id` counts only where there is no `aud`.
  const audiences = [claims.aud ?? claims.client_id ?? []].flat().map(String);
  if (audience !== undefined && !audiences.some((one) => audience.includes(one))) {
    return 'the token does not have a valid audience';
  }
  if (audiencePattern !== undefined && !audiences.some((one) => new RegExp(audiencePattern).test(one))) {
    return 'the token does not have a valid audience';
  }
  if (typeof exp !== 'number' || exp <= nowSeconds) {
    return 'the token has expired';
  }
  const early = [nbf, iat].some((time) => time !== undefined && !(Number(time) <= nowSeconds));
  return early ? 'the token is not valid yet' : undefined;
}

/** The scopes of a token: `scope` with spaces between, or `scp`. */
export function scopesOf({ scope, scp }: JsonObject): string[] {
  const value = scope ?? scp;
  if (typeof value === 'string') return value.split(' ').filter(Boolean);
  return Array.isArray(value) ? value.map(String) : [];
}

/** Claims as API Gateway hands them on: every one a text. */
export function claimTexts(claims: JsonObject, style: JwtAuthorizerConfig['style']): Record<string, string> {
  const write = style === 'http' ? inBrackets : withCommas;
  return Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, write(value, name)]));
}

/** HTTP APIs write lists as `[a b]`. */
function inBrackets(value: Json): string {
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(inBrackets).join(' ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value as JsonObject).sort(([a], [b]) => Number(a > b) - Number(a < b));
    return `map[${entries.map(([name, item]) => `${name}:${inBrackets(item)}`).join(' ')}]`;
  }
  return String(value);
}

/** REST APIs write lists as `a,b`, and two of the times as dates: `Thu Jan 02 03:04:05 UTC 2026`. */
function withCommas(value: Json, name: string): string {
  if ((name === 'exp' || name === 'iat') && typeof value === 'number') {
    const [day, date, month, year, time] = new Date(value * 1000).toUTCString().replace(',', '').split(' ');
    return `${day} ${month} ${date} ${time} UTC ${year}`;
  }
  if (Array.isArray(value)) return (value as readonly Json[]).map(String).join(',');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
