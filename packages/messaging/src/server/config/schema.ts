import * as v from 'valibot';

/** What a key is beyond its type. */
export interface KeyTraits {
  /** Never printed, and no option: other users of a machine see the arguments of a process. */
  readonly secret?: true;
  /** What stands for the value in the help. */
  readonly value?: string;
  /** Another name of the option. */
  readonly alias?: string;
  /** Variables that are read as well, after the key's own. */
  readonly variables?: readonly string[];
}

function key<T extends v.GenericSchema>(schema: T, help: string, traits: KeyTraits = {}) {
  return v.pipe(schema, v.description(help), v.metadata({ ...traits }));
}

function whole(min: number, max: number, help: string, traits: KeyTraits = {}) {
  const rule = `a whole number from ${min} to ${max}`;
  const schema = v.pipe(v.number(rule), v.integer(rule), v.minValue(min, rule), v.maxValue(max, rule));
  return key(schema, help, { value: '<n>', ...traits });
}

function text(rule: string, pattern: RegExp, help: string, traits: KeyTraits = {}) {
  return key(v.pipe(v.string(rule), v.regex(pattern, rule)), help, { value: '<text>', ...traits });
}

function flag(help: string) {
  return key(v.boolean('true or false'), help);
}

function list(rule: string, pattern: RegExp, help: string, traits: KeyTraits = {}) {
  return key(v.array(v.pipe(v.string(rule), v.regex(pattern, rule)), `a list of ${rule}`), help, {
    value: '<a,b>',
    ...traits,
  });
}

const SOMETHING = /^\S(?:.*\S)?$/;
const URL_RULE = 'a URL that begins with http:// or https://';
const URL_PATTERN = /^https?:\/\/[^\s/]+/;
const HOST = /^(\*|\[[\da-fA-F:]+\]|[\w.-]+)$/;
const ORIGIN = /^https?:\/\/(\[[\da-fA-F:]+\]|[\w.-]+)(:\d{1,5})?$/;

const TOKEN_RULE = 'printable ASCII of 16 to 512 characters, without spaces, commas and quotes';
const tokenSchema = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[\w.@-]{1,64}$/, '1 to 64 letters, digits, . _ @ or -')),
  scope: v.picklist(['read', 'write', 'admin'], 'read, write or admin'),
  token: v.pipe(v.string(TOKEN_RULE), v.regex(/^[!#-+\--[\]-~]{16,512}$/, TOKEN_RULE)),
});

const credentialsSchema = v.strictObject({
  kind: v.optional(
    key(
      v.picklist(
        ['environment', 'profile', 'file', 'static', 'role', 'sso', 'container'],
        'environment, profile, file, static, role, sso or container',
      ),
      'where credentials come from (default: wherever every AWS tool looks)',
      { value: '<kind>' },
    ),
  ),
  profile: v.optional(
    text('a name', SOMETHING, 'profile of ~/.aws (kinds profile and sso)', {
      value: '<name>',
      alias: 'profile',
    }),
  ),
  file: v.optional(text('a path', SOMETHING, 'INI file of profiles (kind profile)', { value: '<path>' })),
  path: v.optional(text('a path', SOMETHING, 'JSON file of keys (kind file)', { value: '<path>' })),
  accessKeyId: v.optional(
    text('an access key id', /^\w{4,128}$/, 'of kind static', { secret: true, value: '<id>' }),
  ),
  secretAccessKey: v.optional(
    text('a secret access key', SOMETHING, 'of kind static', { secret: true, value: '<key>' }),
  ),
  sessionToken: v.optional(
    text('a session token', SOMETHING, 'of kind static', { secret: true, value: '<token>' }),
  ),
  roleArn: v.optional(
    text('the ARN of a role', /^arn:[\w-]+:iam::\d{12}:role\/.+$/, 'role to assume (kind role)', {
      value: '<arn>',
    }),
  ),
  sessionName: v.optional(
    text('2 to 64 letters, digits or =,.@-', /^[\w+=,.@-]{2,64}$/, 'of the assumed role', {
      value: '<name>',
    }),
  ),
  externalId: v.optional(
    text('a text without spaces', /^\S{2,1224}$/, 'of the assumed role', { value: '<id>' }),
  ),
  durationSeconds: v.optional(whole(900, 43_200, 'of the assumed role', { value: '<seconds>' })),
});

const largeMessagesSchema = v.strictObject({
  bucket: v.optional(
    text('the name of a bucket', /^[a-z\d][a-z\d.-]{1,61}[a-z\d]$/, 'bucket of large messages', {
      value: '<name>',
    }),
  ),
  prefix: v.optional(text('a text', SOMETHING, 'of their keys (default: messages/)')),
  thresholdBytes: v.optional(whole(0, 1_048_576, 'bodies over it go there (default: 262144)')),
  deleteWhenDone: v.optional(flag('delete a large body with its message')),
});

const timeoutsSchema = v.strictObject({
  keepAliveSeconds: v.optional(whole(1, 3600, 'idle connections are closed after it (default: 65)'), 65),
  headersSeconds: v.optional(whole(1, 300, 'for the headers of a request (default: 10)'), 10),
  requestSeconds: v.optional(whole(1, 3600, 'for a whole request to arrive (default: 60)'), 60),
});

/** How long requests may be served, connections kept, streams fed; in the units that their names end with. */
export const settingsSchema = v.strictObject({
  host: v.optional(
    text('an address or a name', HOST, 'address to listen on (default: 127.0.0.1)', { value: '<address>' }),
    '127.0.0.1',
  ),
  port: v.optional(whole(0, 65_535, 'port to listen on, 0 for any free one (default: 4600)'), 4600),
  endpoint: v.optional(
    text(URL_RULE, URL_PATTERN, 'AWS endpoint (default: a local runtime that runs, or else AWS)', {
      value: '<url>',
      variables: ['AWS_ENDPOINT_URL'],
    }),
  ),
  region: v.optional(
    text('the name of a region', /^[a-z]{2,}(-[a-z]+)+-\d{1,2}$/, 'region of AWS', {
      value: '<name>',
      variables: ['AWS_REGION', 'AWS_DEFAULT_REGION'],
    }),
  ),
  prefix: v.optional(
    text('up to 60 letters, digits, - or _', /^[\w-]{0,60}$/, 'only resources whose name begins so'),
    '',
  ),
  proxy: v.optional(
    text(URL_RULE, URL_PATTERN, 'proxy on the way to AWS (default: HTTPS_PROXY)', { value: '<url>' }),
  ),
  allowWrites: v.optional(flag('let requests change what is on AWS itself (default: they only read)'), false),
  auth: v.optional(flag('ask for tokens; off only on loopback (default: true)'), true),
  tokens: v.optional(
    key(v.array(tokenSchema, 'a list of tokens'), 'name:scope:token, ...; scopes read, write, admin', {
      secret: true,
    }),
    [],
  ),
  tokensFile: v.optional(
    text('a path', SOMETHING, 'file of tokens: a line name:scope:token each', { value: '<path>' }),
  ),
  allowedHosts: v.optional(
    list('host names', HOST, 'names in the Host header beside loopback; * for any', { value: '<names>' }),
    [],
  ),
  allowedOrigins: v.optional(
    list('origins such as https://example.com', ORIGIN, 'web pages of these may call', {
      value: '<origins>',
    }),
    [],
  ),
  watch: v.optional(
    key(
      v.union(
        [v.literal('off'), v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(86_400))],
        'off, or seconds from 1 to 86400',
      ),
      'how often resources are looked at, in seconds, or off (default: 30)',
      { value: '<seconds>' },
    ),
    30,
  ),
  accessLog: v.optional(flag('write a JSON line for each request (default: true)'), true),
  maxBodyBytes: v.optional(
    whole(1024, 104_857_600, 'largest body of a request (default: 2097152)', { value: '<bytes>' }),
    2_097_152,
  ),
  rateLimit: v.optional(
    v.strictObject({
      perSecond: v.optional(
        whole(0, 100_000, 'requests a second of a token, or an address; 0: any (default: 100)'),
        100,
      ),
      burst: v.optional(whole(1, 1_000_000, 'requests at once (default: 200)'), 200),
    }),
    {},
  ),
  timeouts: v.optional(timeoutsSchema, {}),
  shutdown: v.optional(
    v.strictObject({
      delaySeconds: v.optional(whole(0, 300, 'serve on, but not ready, so long at the end (default: 0)'), 0),
      timeoutSeconds: v.optional(whole(1, 300, 'for requests to finish after it (default: 10)'), 10),
    }),
    {},
  ),
  events: v.optional(
    v.strictObject({
      bufferEvents: v.optional(
        whole(1, 1_000_000, 'events kept for those who come back (default: 10000)'),
        10_000,
      ),
      bufferBytes: v.optional(
        whole(65_536, 1_073_741_824, 'and their size (default: 16777216)', { value: '<bytes>' }),
        16_777_216,
      ),
      heartbeatSeconds: v.optional(whole(1, 300, 'of quiet streams (default: 15)'), 15),
      stallSeconds: v.optional(whole(1, 3600, 'a reader that takes nothing is dropped (default: 30)'), 30),
      maxStreams: v.optional(whole(1, 100_000, 'streams at once (default: 1000)'), 1000),
    }),
    {},
  ),
  metrics: v.optional(
    v.strictObject({
      cacheSeconds: v.optional(whole(1, 3600, 'queues and alarms are asked no more often (default: 15)'), 15),
      maxResources: v.optional(
        whole(1, 10_000, 'queues, topics and alarms with metrics of their own (default: 200)'),
        200,
      ),
    }),
    {},
  ),
  largeMessages: v.optional(largeMessagesSchema, {}),
  credentials: v.optional(credentialsSchema, {}),
});

/** Everything the server can be told, with its defaults. */
export type ServerSettings = v.InferOutput<typeof settingsSchema>;
/** A token as it is configured. */
export type ConfiguredToken = v.InferOutput<typeof tokenSchema>;

/** The file: keys for every environment, and what each has beyond them. */
export const fileSchema = v.strictObject({
  $schema: v.optional(v.string()),
  ...settingsSchema.entries,
  environments: v.optional(v.record(v.string(), settingsSchema)),
});
