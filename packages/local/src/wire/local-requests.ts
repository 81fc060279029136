import type { IncomingHttpHeaders } from 'node:http';

const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);
const OWN_FETCH_SITES = new Set(['none', 'same-origin']);

/**
 * Why a request is refused before it is looked at; undefined if it is not. A foreign name in Host means DNS rebinding; an Origin
 * or a foreign fetch site means that a web page sends it, which no AWS client is.
 */
export function refusal(headers: IncomingHttpHeaders): string | undefined {
  const host = headers.host ?? '';
  const name = host.replace(/:\d+$/, '').toLowerCase();
  if (!LOOPBACK_NAMES.has(name) && !name.endsWith('.localhost')) {
    return `The host "${host.slice(0, 100)}" is not a name of this machine's loopback interface.`;
  }
  if (headers.origin !== undefined) return 'Requests from web pages are not accepted.';
  const site = headers['sec-fetch-site'];
  if (typeof site === 'string' && !OWN_FETCH_SITES.has(site))
    return 'Requests from web pages are not accepted.';
  return undefined;
}
