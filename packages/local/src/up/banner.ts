import type { DatabaseServer } from '../contracts';
import type { ApiDescription } from '../http';

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
}

/** The lines that say where things are. */
export function banner(options: BannerOptions): string[] {
  const { apis, awsEndpoint, database, region } = options;
  const rows: (readonly [string, string])[] = apis.flatMap(({ config, url }): [string, string][] => [
    config.kind === 'function url'
      ? ['URL', `${url}/  ${config.name}`]
      : ['API', `${url}  ${config.routes.map(({ routeKey }) => routeKey).join(', ')}`],
  ]);
  rows.push([
    'AWS',
    // SDKs read one name of the region, the aws CLI (version 1) and boto3 the other.
    `export AWS_ENDPOINT_URL=${awsEndpoint} AWS_REGION=${region} AWS_DEFAULT_REGION=${region} ` +
      'AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test',
  ]);
  if (database !== undefined) {
    rows.push(['database', `${database.description}  npx aws-micro sql "SHOW TABLES"`]);
  }
  if (options.functions.length > 0) {
    rows.push(['functions', options.functions.join(', ')]);
  }
  rows.push(...options.more);
  if (options.unhosted.length > 0) {
    rows.push(['not hosted', options.unhosted.join(', ')]);
  }
  rows.push(['data', options.dataFolder]);
  const example = curl(apis, region);
  const width = Math.max(11, ...rows.map(([name]) => name.length + 1));
  return [
    '',
    `${options.stacks.join(', ')} ${options.stacks.length > 1 ? 'run' : 'runs'} here, after ${options.seconds.toFixed(2)} s`,
    ...rows.map(([name, text]) => `  ${name.padEnd(width)}${text}`),
    ...(example === undefined ? [] : ['', `  ${example}`]),
    '',
  ];
}

/** A request to begin with: the first POST without path parameters, or the first such GET. */
function curl(apis: BannerOptions['apis'], region: string): string | undefined {
  const routes = apis.flatMap(({ config, url }) =>
    config.routes
      .filter(({ routeKey }) => /^(?:POST|GET) [^{]*$/.test(routeKey))
      .map(({ routeKey, authorization }) => ({
        method: routeKey.split(' ')[0]!,
        path: routeKey.split(' ')[1]!,
        url,
        authorization,
      })),
  );
  const route = routes.find(({ method }) => method === 'POST') ?? routes[0];
  if (route === undefined) {
    return undefined;
  }
  const signature =
    route.authorization === 'AWS_IAM' ? ` --aws-sigv4 aws:amz:${region}:execute-api -u test:test` : '';
  const body = route.method === 'POST' ? ` -H 'content-type: application/json' -d '{"message":"hello"}'` : '';
  return `curl -X ${route.method} ${route.url}${route.path}${signature}${body}`;
}
