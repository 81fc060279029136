import type { IncomingHttpHeaders } from 'node:http';

const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);
const OWN_FETCH_SITES = new Set(['none', 'same-origin']);

/** Why a request is refused before it is looked at; undefined if it is not. A foreign name in Host means DNS rebinding. */
export function foreignHost(headers: IncomingHttpHeaders): string | undefined {
  const host = headers.host ?? '';
  const name = host.replace(/:\d+$/, '').toLowerCase();
  if (LOOPBACK_NAMES.has(name) || name.endsWith('.localhost')) return undefined;
  return `The host "${host.slice(0, 100)}" is not a name of this machine's loopback interface.`;
}

/** Whether a web page of elsewhere sends this, which no AWS client is: an Origin or a foreign fetch site says so. */
export function isFromWebPage(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  return headers.origin !== undefined || (typeof site === 'string' && !OWN_FETCH_SITES.has(site));
}
