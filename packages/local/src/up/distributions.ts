import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { Distribution } from '../cdn';
import type { Behavior, DistributionConfig, Origin } from '../cdn';
import { isLoopbackHost } from '../http';
import type { Fields, Resolver, Resource } from '../synth';
import { hostedAddresses, localized } from './hosted-addresses';
import { listen } from './ports';
import type { RoomContext, RoomKind } from './rooms';

/** Managed policies that forward nothing of the viewer to the origin beside what caches need. */
const FORWARDS_NOTHING = new Set(['658327ea-f89d-4fab-a63d-7e88639e58f6']);

/** CloudFront: each distribution on a port of its own. */
export const distributions: RoomKind = {
  name: 'cloudfront',
  open(context) {
    const { resolver } = context;
    const declared = resolver.resources('aws_cloudfront_distribution');
    const servers: Server[] = [];
    return {
      async start() {
        for (const distribution of declared) servers.push(await serve(distribution, context));
      },
      async stop() {
        await Promise.all(servers.map(closed));
      },
      banner: () =>
        declared.map((each): [string, string] => ['site', resolver.hosts.apiEndpoint(each.address)]),
    };
  },
};

async function serve(resource: Resource, { resolver, offers, reporter }: RoomContext): Promise<Server> {
  const addresses = hostedAddresses(resolver);
  const objects = offers().objects;
  const distribution = new Distribution({
    config: configOf(resource, resolver, addresses),
    objects: objects ?? { read: () => Promise.resolve(undefined) },
    localize: (text) => localized(text, addresses),
    onProblem: (text) => reporter.warn('cloudfront', text),
  });
  const server = createServer((request, response) => {
    if (isLoopbackHost(request.headers.host)) void distribution.handle(request, response);
    else response.writeHead(403, { connection: 'close' }).end();
  });
  await listen(server, Number(new URL(resolver.hosts.apiEndpoint(resource.address)).port));
  return server;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function configOf(
  resource: Resource,
  resolver: Resolver,
  addresses: ReadonlyMap<string, string>,
): DistributionConfig {
  const ordered = resource.blocks('ordered_cache_behavior');
  const fallback = resource.blocks('default_cache_behavior');
  return {
    id: resource.id(),
    arn: resource.id('arn'),
    defaultRootObject: resource.optionalText('default_root_object'),
    origins: new Map(
      resource
        .blocks('origin')
        .map((origin) => [origin.text('origin_id'), originOf(origin, resolver, addresses)]),
    ),
    behaviors: [...ordered, ...fallback].map((behavior) => behaviorOf(behavior, resolver)),
    errorPages: resource.blocks('custom_error_response').map((page) => ({
      errorCode: page.number('error_code', 0),
      path: page.optionalText('response_page_path'),
      responseCode: page.optionalNumber('response_code'),
    })),
  };
}

function originOf(origin: Fields, resolver: Resolver, addresses: ReadonlyMap<string, string>): Origin {
  const host = origin.text('domain_name');
  const path = origin.optionalText('origin_path') ?? '';
  const bucket = resolver
    .resources('aws_s3_bucket')
    .find((each) =>
      ['bucket_regional_domain_name', 'bucket_domain_name'].some((name) => each.id(name) === host),
    );
  if (bucket !== undefined) return { kind: 'bucket', bucket: bucket.id('bucket'), path };
  const base = addresses.get(`https://${host}`);
  return base === undefined ? { kind: 'unknown', host } : { kind: 'server', base, host, path };
}

function behaviorOf(behavior: Fields, resolver: Resolver): Behavior {
  const functionOf = (eventType: string) => {
    const arn = behavior
      .blocks('function_association')
      .find((each) => each.text('event_type') === eventType)
      ?.text('function_arn');
    return arn === undefined ? undefined : resolver.find('aws_cloudfront_function', arn, 'arn')?.text('code');
  };
  return {
    pattern: behavior.optionalText('path_pattern') ?? '*',
    originId: behavior.text('target_origin_id'),
    allowedMethods: behavior.texts('allowed_methods'),
    compress: behavior.flag('compress', false),
    forwards: !FORWARDS_NOTHING.has(behavior.optionalText('cache_policy_id') ?? ''),
    headers: headersOf(behavior, resolver),
    onRequest: functionOf('viewer-request'),
    onResponse: functionOf('viewer-response'),
  };
}

function headersOf(behavior: Fields, resolver: Resolver): Behavior['headers'] {
  const id = behavior.optionalText('response_headers_policy_id');
  const policy =
    id === undefined ? undefined : resolver.find('aws_cloudfront_response_headers_policy', id, 'id');
  const security = policy?.block('security_headers_config');
  const header = (name: string, block: string, value: (fields: Fields) => string) => {
    const fields = security?.block(block);
    return fields === undefined
      ? []
      : [{ name, value: value(fields), override: fields.flag('override', false) }];
  };
  const custom = policy?.block('custom_headers_config')?.blocks('items') ?? [];
  return [
    ...header('content-security-policy', 'content_security_policy', (each) =>
      each.text('content_security_policy'),
    ),
    ...header('x-content-type-options', 'content_type_options', () => 'nosniff'),
    ...header('x-frame-options', 'frame_options', (each) => each.text('frame_option')),
    ...header('referrer-policy', 'referrer_policy', (each) => each.text('referrer_policy')),
    // Not strict-transport-security: browsers would ask this machine for TLS from then on.
    ...custom.map((each) => ({
      name: each.text('header').toLowerCase(),
      value: each.text('value'),
      override: each.flag('override', false),
    })),
  ];
}
