import {
  all,
  allExcept,
  either,
  MANAGED_CACHE_POLICIES,
  MANAGED_HEADERS_POLICIES,
  MANAGED_ORIGIN_REQUEST_POLICIES,
  none,
  only,
} from '../cdn';
import type { CachePolicy, Chosen, CorsPolicy, Forwarding, HeadersPolicy, PolicyHeader } from '../cdn';
import type { Fields, Resolver } from '../synth';

const NOTHING: Forwarding = { query: none, headers: none, cookies: none };
const EVERY_METHOD = ['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS'];

/** What a behaviour passes on, and whether it may compress: by its policies, or by its `forwarded_values`. */
export function passing(behavior: Fields, resolver: Resolver): CachePolicy {
  const cache = cachePolicy(behavior, resolver);
  const id = behavior.optionalText('origin_request_policy_id');
  if (id === undefined) return cache;
  const managed = MANAGED_ORIGIN_REQUEST_POLICIES[id];
  const own = resolver.find('aws_cloudfront_origin_request_policy', id, 'id');
  const forwarding = managed ?? (own === undefined ? NOTHING : forwardingOf(own));
  return { ...cache, forwarding: either(cache.forwarding, forwarding) };
}

function cachePolicy(behavior: Fields, resolver: Resolver): CachePolicy {
  const id = behavior.optionalText('cache_policy_id');
  if (id === undefined) {
    return { forwarding: forwardedValues(behavior.block('forwarded_values')), compresses: true };
  }
  const managed = MANAGED_CACHE_POLICIES[id];
  if (managed !== undefined) return managed;
  const key = resolver
    .find('aws_cloudfront_cache_policy', id, 'id')
    ?.block('parameters_in_cache_key_and_forwarded_to_origin');
  if (key === undefined) return { forwarding: NOTHING, compresses: false };
  const compresses = ['enable_accept_encoding_gzip', 'enable_accept_encoding_brotli'].some((name) =>
    key.flag(name, false),
  );
  return { forwarding: forwardingOf(key), compresses };
}

/** What behaviours had before there were policies. */
function forwardedValues(values: Fields | undefined): Forwarding {
  if (values === undefined) return NOTHING;
  const headers = values.texts('headers').map((name) => name.toLowerCase());
  const cookies = values.block('cookies');
  return {
    query: values.flag('query_string', false) ? all : none,
    headers: headers.includes('*') ? all : only(headers),
    cookies: chosen(cookies?.optionalText('forward'), cookies?.texts('whitelisted_names') ?? []),
  };
}

function forwardingOf(policy: Fields): Forwarding {
  const kind = (block: string, behavior: string, items: string, form = (name: string) => name) => {
    const fields = policy.block(block);
    return chosen(fields?.optionalText(behavior), (fields?.block(items)?.texts('items') ?? []).map(form));
  };
  return {
    query: kind('query_strings_config', 'query_string_behavior', 'query_strings'),
    headers: kind('headers_config', 'header_behavior', 'headers', (name) => name.toLowerCase()),
    cookies: kind('cookies_config', 'cookie_behavior', 'cookies'),
  };
}

function chosen(behavior: string | undefined, names: readonly string[]): Chosen {
  switch (behavior) {
    case 'all':
    case 'allViewer':
    case 'allViewerAndWhitelistCloudFront':
      return all;
    case 'whitelist':
      return only(names);
    case 'allExcept':
      return allExcept(names);
    default:
      return none;
  }
}

/** What a behaviour's response headers policy says. */
export function headersPolicy(behavior: Fields, resolver: Resolver): HeadersPolicy {
  const id = behavior.optionalText('response_headers_policy_id');
  const managed = id === undefined ? undefined : MANAGED_HEADERS_POLICIES[id];
  if (managed !== undefined) return managed;
  const policy =
    id === undefined ? undefined : resolver.find('aws_cloudfront_response_headers_policy', id, 'id');
  const cors = policy?.block('cors_config');
  const custom = policy?.block('custom_headers_config')?.blocks('items') ?? [];
  const removed = policy?.block('remove_headers_config')?.blocks('items') ?? [];
  return {
    remove: removed.map((each) => each.text('header').toLowerCase()),
    set: [
      ...securityHeaders(policy?.block('security_headers_config')),
      ...custom.map((each) => ({
        name: each.text('header').toLowerCase(),
        value: each.text('value'),
        override: each.flag('override', false),
      })),
    ],
    ...(cors !== undefined && { cors: corsOf(cors) }),
  };
}

function securityHeaders(security: Fields | undefined): PolicyHeader[] {
  const header = (name: string, block: string, value: (fields: Fields) => string) => {
    const fields = security?.block(block);
    return fields === undefined
      ? []
      : [{ name, value: value(fields), override: fields.flag('override', false) }];
  };
  const argument = (name: string) => (fields: Fields) => fields.text(name);
  // Not strict-transport-security: browsers would ask this machine for TLS from then on.
  return [
    ...header('content-security-policy', 'content_security_policy', argument('content_security_policy')),
    ...header('x-content-type-options', 'content_type_options', () => 'nosniff'),
    ...header('x-frame-options', 'frame_options', argument('frame_option')),
    ...header('referrer-policy', 'referrer_policy', argument('referrer_policy')),
    ...header('x-xss-protection', 'xss_protection', xssProtection),
  ];
}

function xssProtection(fields: Fields): string {
  if (!fields.flag('protection', false)) return '0';
  const report = fields.optionalText('report_uri');
  const parts = [fields.flag('mode_block', false) && 'mode=block', report && `report=${report}`];
  return ['1', ...parts.filter((part) => typeof part === 'string')].join('; ');
}

function corsOf(cors: Fields): CorsPolicy {
  const items = (block: string) => cors.block(block)?.texts('items') ?? [];
  const methods = items('access_control_allow_methods');
  return {
    origins: items('access_control_allow_origins'),
    methods: methods.includes('ALL') ? EVERY_METHOD : methods,
    headers: items('access_control_allow_headers'),
    exposed: items('access_control_expose_headers'),
    credentials: cors.flag('access_control_allow_credentials', false),
    maxAgeSeconds: cors.optionalNumber('access_control_max_age_sec'),
    override: cors.flag('origin_override', false),
  };
}
