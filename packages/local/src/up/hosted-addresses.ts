import type { Resolver } from '../synth';

/**
 * Where hosts that AWS would have given the stack answer on this machine, by the beginning of their address:
 * `https://d111111abcdef8.cloudfront.net` -> `http://127.0.0.1:3001`.
 */
export function hostedAddresses(resolver: Resolver): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const at = (address: string) => resolver.hosts.apiEndpoint(address);
  for (const api of resolver.resources('aws_apigatewayv2_api', 'aws_api_gateway_rest_api')) {
    found.set(`https://${api.id()}.execute-api.${api.region}.amazonaws.com`, at(api.address));
  }
  for (const distribution of resolver.resources('aws_cloudfront_distribution')) {
    for (const name of [distribution.id('domain_name'), ...distribution.texts('aliases')]) {
      found.set(`https://${name}`, at(distribution.address));
    }
  }
  for (const pool of resolver.resources('aws_cognito_user_pool')) {
    const id = pool.id();
    found.set(`https://cognito-idp.${pool.region}.amazonaws.com/${id}`, `${at(pool.address)}/${id}`);
    for (const domain of resolver.resources('aws_cognito_user_pool_domain')) {
      if (domain.text('user_pool_id') !== id) continue;
      const name = domain.text('domain');
      const host = name.includes('.') ? name : `${name}.auth.${pool.region}.amazoncognito.com`;
      found.set(`https://${host}`, at(pool.address));
    }
  }
  return found;
}

/** The same text with addresses of this machine. */
export function localized(text: string, addresses: ReadonlyMap<string, string>): string {
  let result = text;
  for (const [from, to] of addresses) result = result.replaceAll(from, to);
  return result;
}
