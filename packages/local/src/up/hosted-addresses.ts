import type { Resolver } from '../synth';

/**
 * Where hosts that AWS would have given the stack answer on this machine, by the beginning of their address:
 * `https://d111111abcdef8.cloudfront.net` -> `http://127.0.0.1:3001`. Longer ones come first, so that none is taken for the beginning
 * of another.
 */
export function hostedAddresses(resolver: Resolver): ReadonlyMap<string, string> {
  const found = [...apis(resolver), ...sites(resolver), ...pools(resolver)];
  return new Map(found.sort(([a], [b]) => b.length - a.length));
}

/** The same text with addresses of this machine. */
export function localized(text: string, addresses: ReadonlyMap<string, string>): string {
  let result = text;
  for (const [from, to] of addresses) {
    if (result.includes(from)) result = result.replaceAll(beginningOf(from), to);
  }
  return result;
}

/** Not where the name goes on: `https://example.com` is not the beginning of `https://example.com.evil.org`. */
function beginningOf(address: string): RegExp {
  return new RegExp(`${address.replaceAll(/[.+*?^${}()|[\]\\]/g, '\\$&')}(?![\\w-]|\\.\\w)`, 'g');
}

function apis(resolver: Resolver): [string, string][] {
  const at = (address: string) => resolver.hosts.apiEndpoint(address);
  return [
    ...resolver
      .resources('aws_apigatewayv2_api', 'aws_api_gateway_rest_api')
      .map((api): [string, string] => [
        `https://${api.id()}.execute-api.${api.region}.amazonaws.com`,
        at(api.address),
      ]),
    ...resolver
      .resources('aws_lambda_function_url')
      .map((url): [string, string] => [
        `https://${url.id('url_id')}.lambda-url.${url.region}.on.aws`,
        at(url.address),
      ]),
  ];
}

function sites(resolver: Resolver): [string, string][] {
  return resolver
    .resources('aws_cloudfront_distribution')
    .flatMap((each) =>
      [each.id('domain_name'), ...each.texts('aliases').filter((name) => !name.includes('*'))].map(
        (name): [string, string] => [`https://${name}`, resolver.hosts.apiEndpoint(each.address)],
      ),
    );
}

function pools(resolver: Resolver): [string, string][] {
  return resolver.resources('aws_cognito_user_pool').flatMap((pool): [string, string][] => {
    const id = pool.id();
    const at = resolver.hosts.apiEndpoint(pool.address);
    const domains = resolver
      .resources('aws_cognito_user_pool_domain')
      .filter((domain) => domain.text('user_pool_id') === id)
      .map((domain) => domain.text('domain'))
      .map((name) => (name.includes('.') ? name : `${name}.auth.${pool.region}.amazoncognito.com`));
    return [
      [`https://cognito-idp.${pool.region}.amazonaws.com/${id}`, `${at}/${id}`],
      ...domains.map((host): [string, string] => [`https://${host}`, at]),
    ];
  });
}
