import { Script, createContext } from 'node:vm';

type Values = Record<string, { value: string; multiValue?: { value: string }[] }>;

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html */
export interface EdgeRequest {
  method: string;
  uri: string;
  querystring: Values;
  headers: Values;
  cookies: Values;
}

export interface EdgeResponse {
  statusCode: number;
  statusDescription?: string;
  headers?: Values;
  cookies?: Values;
  body?: string | { encoding: 'text' | 'base64'; data: string };
}

export interface EdgeEvent {
  readonly version: '1.0';
  readonly context: Readonly<Record<string, string>>;
  readonly viewer: { readonly ip: string };
  readonly request: EdgeRequest;
  readonly response?: EdgeResponse;
}

/** CloudFront gives functions a millisecond of its processors; here it is what ends an endless loop, on a busy machine too. */
const TIMEOUT_MS = 1000;
const prepared = new Map<string, Script>();

/**
 * Runs a CloudFront function. It sees the language and nothing of this machine: what goes in and out is text.
 *
 * @throws Error of the function, or for one that takes too long
 */
export function runEdgeFunction(code: string, event: EdgeEvent): EdgeRequest | EdgeResponse {
  const context = createContext(Object.create(null) as object, {
    codeGeneration: { strings: false, wasm: false },
  });
  const input = JSON.stringify(JSON.stringify(event));
  scriptOf(code).runInContext(context, { timeout: TIMEOUT_MS });
  const call = new Script(`JSON.stringify(handler(JSON.parse(${input})))`);
  const output: unknown = call.runInContext(context, { timeout: TIMEOUT_MS });
  if (typeof output !== 'string') throw new Error('the function returned nothing');
  return JSON.parse(output) as EdgeRequest | EdgeResponse;
}

function scriptOf(code: string): Script {
  const known = prepared.get(code);
  if (known !== undefined) return known;
  const script = new Script(code);
  prepared.set(code, script);
  return script;
}

export function isEdgeResponse(result: EdgeRequest | EdgeResponse): result is EdgeResponse {
  return 'statusCode' in result;
}
