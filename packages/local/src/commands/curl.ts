import { readFileSync } from 'node:fs';
import { UserError } from '../errors';
import { signedHeaders } from '../http/sigv4';
import type { SignedService } from '../http/sigv4';
import { DEVELOPER_KEY } from '../up/developer-key';
import { command, UsageError } from './command';
import type { Incoming } from './http-exchange';
import { exchange } from './http-exchange';
import { dataOption } from './shared-options';
import { findOwner, isLoopback, isUnreachable, onTarget } from './target';
import type { Terminal } from './terminal';

/** curl's own, for answers of 400 and above with --fail. */
const HTTP_ERROR = 22;
const LOCAL_REGION = 'us-east-1';

export const curl = command({
  name: 'curl',
  synopsis: '<path-or-url>',
  summary: 'send a request to an HTTP API, signed for IAM authorization',
  details: `A path is one of the running stack's first API, below its stage; a URL may be of any API or function. Requests to this machine are signed with the
runtime's key; all others with the credentials that every AWS tool finds (environment, profile, SSO, role).
  aws-micro curl /messages -d '{"message":"hello"}'
  aws-micro curl https://abc123.execute-api.eu-west-1.amazonaws.com/messages --profile prod
  echo '{"message":"hello"}' | aws-micro curl /messages -d @-

Exit codes: 0 an answer came; 1 none came; 22 with --fail, an answer of 400 or above.`,
  options: {
    request: {
      type: 'string',
      short: 'X',
      value: '<method>',
      help: 'the method (default: GET; POST with -d)',
    },
    header: { type: 'string', short: 'H', multiple: true, value: '<name: value>', help: 'a header' },
    data: {
      type: 'string',
      short: 'd',
      value: '<text>',
      help: 'the body; @file reads a file, @- standard input. JSON is sent as such',
    },
    include: { type: 'boolean', short: 'i', help: 'print the status and the headers as well' },
    fail: {
      type: 'boolean',
      short: 'f',
      help: 'print no body, and exit with 22, where the answer is 400 or above',
    },
    profile: { type: 'string', value: '<name>', help: 'sign as this profile of ~/.aws' },
    region: { type: 'string', value: '<name>', help: 'of the API (default: as its address says)' },
    'data-folder': { ...dataOption.data },
  },
  positionals: { min: 1, max: 1 },
  async run({ values, positionals: [place = ''], terminal }) {
    const url = urlOf(place, values['data-folder']);
    const headers = headersOf(values.header);
    const body = values.data === undefined ? Buffer.alloc(0) : await bodyOf(values.data, terminal);
    if (body.length > 0) headers['content-type'] ??= typeOf(body);
    const method = values.request ?? (values.data === undefined ? 'GET' : 'POST');
    const { credentials, region } = await signerOf(url, values, terminal);
    const service = serviceOf(url, values['data-folder']);
    const signed = signedHeaders({ method, url, headers, body }, credentials, region, Date.now(), service);
    const answer = await exchange({ method, url, headers: signed, body }).catch((error: unknown) => {
      throw isUnreachable(error) ? new UserError(`Nothing answers at ${url.origin}`) : error;
    });
    const failed = values.fail && answer.status >= 400;
    if (values.include) await terminal.write(headOf(answer));
    if (failed) terminal.note(`aws-micro: the answer is ${answer.status} ${answer.statusText}`);
    else await terminal.write(answer.body);
    if (terminal.isScreen && !failed && !answer.body.toString().endsWith('\n')) await terminal.print('');
    return failed ? HTTP_ERROR : 0;
  },
});

function urlOf(place: string, dataFolder: string | undefined): URL {
  if (!place.startsWith('/')) {
    if (/^https?:/.test(place) && URL.canParse(place)) return new URL(place);
    throw new UsageError(`"${place}" is neither a path (/messages) nor a URL (https://...)`);
  }
  const url = findOwner(dataFolder)?.url;
  // The base of a REST API has its stage as a path.
  if (url !== undefined) return new URL(`${url.replace(/\/$/, '')}${place}`);
  throw new UserError(
    `No runtime runs for the project here: start it first (npx aws-micro up), or give a whole URL`,
  );
}

/** URLs of functions are Lambda's, all others API Gateway's. */
function serviceOf(url: URL, dataFolder: string | undefined): SignedService {
  const isLocalFunction = isLoopback(url.href) && findOwner(dataFolder)?.functionUrls?.includes(url.origin);
  return isLocalFunction || /\.lambda-url\.[a-z0-9-]+\.on\.aws$/.test(url.hostname)
    ? 'lambda'
    : 'execute-api';
}

function headersOf(given: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of given) {
    const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):\s*(.*)$/s.exec(line) ?? [];
    if (name === undefined) throw new UsageError(`-H is "${line}": "name: value" is needed`);
    headers[name.toLowerCase()] = value!;
  }
  return headers;
}

async function bodyOf(data: string, terminal: Terminal): Promise<Buffer> {
  if (!data.startsWith('@')) return Buffer.from(data);
  if (data === '@-') return terminal.input();
  try {
    return readFileSync(data.slice(1));
  } catch (error) {
    throw new UserError(`The body cannot be read: ${(error as Error).message}`);
  }
}

function typeOf(body: Buffer): string {
  try {
    JSON.parse(body.toString());
    return 'application/json';
  } catch {
    return 'application/x-www-form-urlencoded';
  }
}

async function signerOf(
  url: URL,
  { profile, region }: { readonly profile: string | undefined; readonly region: string | undefined },
  terminal: Terminal,
) {
  if (isLoopback(url.href) && profile === undefined) {
    return { credentials: DEVELOPER_KEY, region: region ?? LOCAL_REGION };
  }
  const named =
    region ??
    /\.(?:execute-api|lambda-url)\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws)$/.exec(
      url.hostname,
    )?.[1];
  const values = { profile, region: named, 'endpoint-url': '', data: undefined };
  return onTarget(values, terminal, async (target) => {
    const { config } = await target.sqs();
    return { credentials: await config.credentials(), region: await config.region() };
  });
}

function headOf({ httpVersion, status, statusText, rawHeaders }: Incoming): string {
  const lines = [`HTTP/${httpVersion} ${status} ${statusText}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    lines.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}
