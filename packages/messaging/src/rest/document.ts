import { toJsonSchemaDefs } from '@valibot/to-json-schema';
import type { ConversionConfig } from '@valibot/to-json-schema';
import { PROBLEM_TYPE, PROBLEMS } from './problem';
import type { ProblemCode } from './problem';
import type { Route } from './route';
import { ROUTES } from './routes';
import { namedSchemas } from './schemas/base';
import type { Entries, Schema } from './schemas/base';
import { ProblemSchema } from './schemas/problem';

export interface DocumentOptions {
  /** @default 'aws-micro messaging' */
  readonly title?: string;
  /** Of the API. @default '1' */
  readonly version?: string;
  readonly description?: string;
  /** @default [{ url: '/' }] */
  readonly servers?: readonly { readonly url: string; readonly description?: string }[];
}

type Json = Record<string, unknown>;

/** As JSON.stringify writes it, an OpenAPI 3.1 document; https://spec.openapis.org/oas/v3.1.1 */
export interface OpenApiDocument extends Json {
  readonly openapi: string;
  readonly info: Json;
  readonly paths: Record<string, Record<string, Json>>;
  readonly components: Record<string, Json>;
}

const DESCRIPTION =
  'Queues, topics, subscriptions and alarms of AWS over HTTP. Errors are problem+json (RFC 9457) with types that stay; lists are `{items, nextCursor}`, ' +
  'their cursors opaque; requests that send take an `Idempotency-Key`. `x-scope` is the least scope that an operation needs: read, write or admin.';

/** The API as OpenAPI 3.1, from the schemas that also validate: the same text each time. */
export function openApiDocument(options: DocumentOptions = {}): OpenApiDocument {
  const { title = 'aws-micro messaging', version = '1', description = DESCRIPTION } = options;
  const tags = [...new Set(ROUTES.map((route) => route.tag))];
  // A copy: what validates a document resolves its references in place.
  return structuredClone({
    openapi: '3.1.1',
    info: { title, version, description, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [...(options.servers ?? [{ url: '/' }])],
    security: [{ bearer: [] }],
    tags: tags.map((name) => ({ name })),
    paths: paths(),
    components: {
      schemas: toJsonSchemaDefs(namedSchemas(), CONFIG),
      responses: problemResponses(),
      parameters: { IdempotencyKey: IDEMPOTENCY_KEY },
      headers: HEADERS,
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'A token with a scope.' } },
    },
  });
}

const CONFIG: ConversionConfig = {
  target: 'draft-2020-12',
  // Of parameters, what comes out: numbers, where the query has digits.
  typeMode: 'output',
  // What a schema of JSON cannot say is checked all the same.
  ignoreActions: ['check'],
  overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
};

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'Sent again with the same body, the request is not done again: the first answer is given, with Idempotency-Replayed.',
  schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{16,128}$' },
  example: 'b2a7f3c0-order-o-1',
};

const HEADERS = {
  IdempotencyReplayed: {
    description: '`true` when this is the answer to an earlier request with the Idempotency-Key.',
    schema: { type: 'string', const: 'true' },
  },
  Location: { description: 'Path of what was made.', schema: { type: 'string', format: 'uri-reference' } },
  RetryAfter: { description: 'Seconds to wait.', schema: { type: 'integer', minimum: 1 } },
  ServerTiming: {
    description: 'Milliseconds: `aws` for the calls to AWS, `total`.',
    schema: { type: 'string' },
    example: 'aws;dur=3.1, total;dur=4.0',
  },
};

function paths(): OpenApiDocument['paths'] {
  const all: OpenApiDocument['paths'] = {};
  for (const route of ROUTES) {
    const operations = (all[route.path] ??= {});
    operations[route.method.toLowerCase()] = operation(route);
  }
  return all;
}

function operation(route: Route): Json {
  const { operationId, tag, summary, description, scope, body, bodyOptional } = route;
  const parameters = parametersOf(route);
  return {
    operationId,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    ...(scope === null ? { security: [] } : { 'x-scope': scope }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: { required: bodyOptional !== true, content: { 'application/json': media(body) } },
    }),
    responses: responsesOf(route),
  };
}

function parametersOf(route: Route): Json[] {
  return [
    ...Object.entries(route.params.entries).map((entry) => parameter('path', ...entry)),
    ...Object.entries(route.query.entries).map((entry) => parameter('query', ...entry)),
    ...(route.idempotent ? [{ $ref: '#/components/parameters/IdempotencyKey' }] : []),
  ];
}

function parameter(where: 'path' | 'query', name: string, entry: Entries[string]): Json {
  const { description, ...schema } = schemaOf(entry);
  const isRequired = entry.type !== 'optional';
  return {
    name,
    in: where,
    ...(isRequired && { required: true }),
    ...(description !== undefined && { description }),
    schema,
  };
}

function media(schema: Schema): Json {
  return { schema: schemaOf(schema) };
}

let written: Map<Schema, Json> | undefined;

/** A reference for what has a name. */
function schemaOf(schema: Schema): Json {
  written ??= writeSchemas();
  return written.get(schema)!;
}

/** All at once: each conversion would begin with all that have names. */
function writeSchemas(): Map<Schema, Json> {
  const names = new Map(Object.entries(namedSchemas()).map(([name, schema]) => [schema, name]));
  const unnamed = [...new Set(ROUTES.flatMap(schemasOf))].filter((schema) => !names.has(schema));
  const numbered = Object.fromEntries(unnamed.map((schema, index) => [`unnamed ${index}`, schema]));
  const definitions = toJsonSchemaDefs({ ...namedSchemas(), ...numbered }, CONFIG);
  return new Map([
    ...[...names].map(([schema, name]): [Schema, Json] => [schema, { $ref: `#/components/schemas/${name}` }]),
    ...unnamed.map((schema, index): [Schema, Json] => [schema, definitions[`unnamed ${index}`] as Json]),
  ]);
}

function schemasOf({ params, query, body, success }: Route): Schema[] {
  const parameters = [...Object.values(params.entries), ...Object.values(query.entries)] as Schema[];
  return [...parameters, body, success.schema].filter((schema) => schema !== undefined);
}

function responsesOf(route: Route): Json {
  const { status, description, schema, location } = route.success;
  const headers = {
    'Server-Timing': { $ref: '#/components/headers/ServerTiming' },
    ...(location && { Location: { $ref: '#/components/headers/Location' } }),
    ...(route.idempotent && { 'Idempotency-Replayed': { $ref: '#/components/headers/IdempotencyReplayed' } }),
  };
  const content = schema && { content: { 'application/json': media(schema) } };
  const failures = problemStatuses(route).map((failure) => [
    String(failure),
    { $ref: `#/components/responses/${responseName(failure)}` },
  ]);
  return { [String(status)]: { description, headers, ...content }, ...Object.fromEntries(failures) } as Json;
}

const ALWAYS: readonly ProblemCode[] = [
  'invalid-parameter',
  'unauthenticated',
  'denied',
  'not-found',
  'throttled',
  'internal',
  'unsupported',
  'unavailable',
  'timeout',
];
const OF_WRITES: readonly ProblemCode[] = ['conflict'];
const OF_BODIES: readonly ProblemCode[] = ['too-large', 'unsupported-media-type', 'invalid'];

/** Statuses of the problems that a route may answer, in ascending order. */
function problemStatuses(route: Route): number[] {
  const codes = [
    ...ALWAYS,
    ...(route.method === 'GET' ? [] : OF_WRITES),
    ...(route.body ? OF_BODIES : []),
    ...(route.problems ?? []),
  ];
  return [...new Set(codes.map((code) => PROBLEMS[code].status))].sort((a, b) => a - b);
}

const CODES = Object.keys(PROBLEMS) as ProblemCode[];

/** `Problem404`. */
function responseName(status: number): string {
  return `Problem${status}`;
}

/** One response a status: its problems, with an example of each. */
function problemResponses(): Json {
  const statuses = [...new Set(ROUTES.flatMap(problemStatuses))].sort((a, b) => a - b);
  return Object.fromEntries(statuses.map((status) => [responseName(status), problemResponse(status)]));
}

function problemResponse(status: number): Json {
  const codes = CODES.filter((code) => PROBLEMS[code].status === status);
  const waits = status === 429 || status === 503;
  const examples = codes.map((code) => {
    const { title, explanation } = PROBLEMS[code];
    return [code, { value: { type: `/problems/${code}`, title, status, detail: explanation } }];
  });
  return {
    description: codes.map((code) => `${PROBLEMS[code].title} (${code}).`).join(' '),
    ...(waits && { headers: { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } } }),
    content: { [PROBLEM_TYPE]: { ...media(ProblemSchema), examples: Object.fromEntries(examples) as Json } },
  };
}
