import type { DatabaseServer } from '../contracts';
import type { ApiDescription, DescribedRoute } from '../http';
import { wrapped } from './wrapped';

export interface BannerOptions {
  readonly stacks: readonly string[];
  readonly region: string;
  readonly seconds: number;
  readonly apis: readonly { readonly config: ApiDescription; readonly url: string }[];
  readonly awsEndpoint: string;
  readonly database: DatabaseServer | undefined;
  readonly functions: readonly string[];
  /** What else is hosted, each with its name and where it is. */
  readonly more: readonly (readonly [name: string, text: string])[];
  readonly unhosted: readonly string[];
  readonly dataFolder: string;
  /** Of the terminal. @default 100 */
  readonly columns?: number;
}

type Row = readonly [name: string, lines: readonly string[]];

/** From so many on, names are counted, and told without the stack's name in front. */
const MANY = 9;
const INDENT = 2;

/** The lines that say where things are; lists go on below where the terminal ends. */
export function banner(options: BannerOptions): string[] {
  const { apis, awsEndpoint, database, region, stacks, columns = 100 } = options;
  const labels = ['not hosted', ...options.more.map(([name]) => name)];
  const width = Math.max(11, ...labels.map((name) => name.length + 1));
  const list = (text: string): string[] => wrapped(text.split(', '), columns - INDENT - width);
  const rows: Row[] = apis.map((api) => apiRow(api, list));
  // SDKs read one name of the region, the aws CLI (version 1) and boto3 the other.
  const regions = `AWS_REGION=${region} AWS_DEFAULT_REGION=${region}`;
  const keys = 'AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test';
  rows.push(['AWS', [`export AWS_ENDPOINT_URL=${awsEndpoint} ${regions} ${keys}`]]);
  if (database !== undefined) {
    rows.push(['database', [`${database.description}  npx aws-micro sql "SHOW TABLES"`]]);
  }
  if (options.functions.length > 0) {
    rows.push(['functions', namesOf(options.functions, stacks, list)]);
  }
  rows.push(...options.more.map(([name, text]): Row => [name, list(text)]));
  if (options.unhosted.length > 0) {
    rows.push(['not hosted', list(options.unhosted.join(', '))]);
  }
  rows.push(['data', [options.dataFolder]]);
  const example = curl(apis, region);
  return [
    '',
    `${stacks.join(', ')} ${stacks.length > 1 ? 'run' : 'runs'} here, after ${options.seconds.toFixed(2)} s`,
    ...rows.flatMap(([name, lines]) => told(name, lines, width)),
    ...(example === undefined ? [] : ['', `  ${example}`]),
    '',
  ];
}

function told(name: string, lines: readonly string[], width: number): string[] {
  return lines.map((line, index) => `${' '.repeat(INDENT)}${(index === 0 ? name : '').padEnd(width)}${line}`);
}

/** Few routes stand behind the address, many below it, by path and those of a path together. */
function apiRow({ config, url }: BannerOptions['apis'][number], list: (text: string) => string[]): Row {
  if (config.kind === 'function url') {
    return ['URL', [`${url}/  ${config.name}`]];
  }
  const keys = config.routes.map(({ routeKey }) => routeKey);
  if (keys.length < MANY) {
    return ['API', list(`${url}  ${keys.join(', ')}`)];
  }
  const methods = new Map<string, string[]>();
  for (const key of keys) {
    const [method = '', path = ''] = key.split(' ');
    methods.set(path, [...(methods.get(path) ?? []), method]);
  }
  const paths = [...methods.keys()].sort();
  const routes = paths.map((path) => `${methods.get(path)!.sort().join(' ')} ${path}`.trim());
  return ['API', [`${url}  ${keys.length} routes:`, ...list(routes.join(', '))]];
}

function namesOf(
  names: readonly string[],
  stacks: readonly string[],
  list: (text: string) => string[],
): string[] {
  if (names.length < MANY) {
    return list(names.join(', '));
  }
  const prefix = stacks
    .map((stack) => `${stack}-`)
    .find((one) => names.every((name) => name.startsWith(one)));
  const short = names.map((name) => name.slice(prefix?.length ?? 0)).join(', ');
  return [`${names.length}${prefix === undefined ? '' : `, each ${prefix}...`}:`, ...list(short)];
}

/** A request to begin with: one that needs neither path parameters nor a token, and, if there is one, no body either. */
function curl(apis: BannerOptions['apis'], region: string): string | undefined {
  const routes = apis.flatMap(({ config, url }) =>
    config.routes
      .filter(({ routeKey }) => /^(?:GET|ANY|POST) [^{]*$/.test(routeKey))
      .map((route) => ({ ...route, url, post: route.routeKey.startsWith('POST ') })),
  );
  const [first] = routes.sort((one, other) => effort(one) - effort(other));
  if (first === undefined) {
    return undefined;
  }
  const signature =
    first.authorization === 'AWS_IAM' ? ` --aws-sigv4 aws:amz:${region}:execute-api -u test:test` : '';
  const token = needsToken(first) ? " -H 'authorization: ...'" : '';
  const body = first.post ? ` -H 'content-type: application/json' -d '{}'` : '';
  const path = first.routeKey.split(' ')[1]!;
  return `curl ${first.post ? '-X POST ' : ''}${first.url}${path}${signature}${token}${body}`;
}

function effort(route: DescribedRoute & { post: boolean }): number {
  return (needsToken(route) ? 2 : 0) + (route.post ? 1 : 0);
}

function needsToken({ authorization }: DescribedRoute): boolean {
  return authorization === 'JWT' || authorization === 'CUSTOM';
}
