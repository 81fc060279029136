import type { Behavior, DistributionConfig, EdgeCode, Origin, OriginGroup, Reader } from '../cdn';
import { isLoopbackHost } from '../http';
import type { Fields, Resolver, Resource } from '../synth';
import { headersPolicy, passing } from './distribution-policies';

/**
 * A distribution of the stack.
 * @param addresses where hosts of AWS answer here
 */
export function distributionConfig(
  resource: Resource,
  resolver: Resolver,
  addresses: ReadonlyMap<string, string>,
): DistributionConfig {
  const ordered = resource.blocks('ordered_cache_behavior');
  const usual = resource.blocks('default_cache_behavior');
  const origins = resource
    .blocks('origin')
    .map((origin): [string, Origin] => [origin.text('origin_id'), originOf(origin, resolver, addresses)]);
  const groups = resource
    .blocks('origin_group')
    .map((group): [string, OriginGroup] => [group.text('origin_id'), groupOf(group)]);
  return {
    id: resource.id(),
    arn: resource.id('arn'),
    domainName: resource.id('domain_name'),
    enabled: resource.flag('enabled', true),
    defaultRootObject: resource.optionalText('default_root_object')?.replace(/^\//, ''),
    origins: new Map(origins),
    groups: new Map(groups),
    behaviors: [...ordered, ...usual].map((behavior) => behaviorOf(behavior, resolver)),
    errorPages: resource.blocks('custom_error_response').map((page) => ({
      errorCode: page.number('error_code', 0),
      path: page.optionalText('response_page_path'),
      responseCode: page.optionalNumber('response_code'),
    })),
  };
}

function groupOf(group: Fields): OriginGroup {
  return {
    members: group.blocks('member').map((member) => member.text('origin_id')),
    statusCodes: (group.block('failover_criteria')?.texts('status_codes') ?? []).map(Number),
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
  if (bucket !== undefined) {
    return { kind: 'bucket', bucket: bucket.id('bucket'), path, reader: readerOf(origin, resolver) };
  }
  // Endpoints of APIs and functions that the stack refers to are addresses of this machine already.
  const name = host.replace(/^https?:\/\//, '').replace(/\/$/, '');
  const base = isLoopbackHost(name) ? `http://${name}` : addresses.get(`https://${name}`);
  if (base === undefined) return { kind: 'unknown', host };
  const headers = origin
    .blocks('custom_header')
    .map((header): [string, string] => [header.text('name').toLowerCase(), header.text('value')]);
  return { kind: 'server', base, path, headers: Object.fromEntries(headers) };
}

function readerOf(origin: Fields, resolver: Resolver): Reader {
  const control = origin.optionalText('origin_access_control_id') ?? '';
  if (control !== '') {
    const found = resolver.find('aws_cloudfront_origin_access_control', control, 'id');
    const signs = found?.optionalText('signing_behavior') !== 'never';
    return { kind: signs ? 'distribution' : 'anybody' };
  }
  const path = origin.block('s3_origin_config')?.optionalText('origin_access_identity') ?? '';
  const identity = resolver.find(
    'aws_cloudfront_origin_access_identity',
    path,
    'cloudfront_access_identity_path',
  );
  return identity === undefined ? { kind: 'anybody' } : { kind: 'identity', arn: identity.id('iam_arn') };
}

function behaviorOf(behavior: Fields, resolver: Resolver): Behavior {
  const { forwarding, compresses } = passing(behavior, resolver);
  return {
    pattern: behavior.optionalText('path_pattern') ?? '*',
    originId: behavior.text('target_origin_id'),
    allowedMethods: behavior.texts('allowed_methods'),
    compress: behavior.flag('compress', false) && compresses,
    forwarding,
    headers: headersPolicy(behavior, resolver),
    onRequest: functionOf(behavior, 'viewer-request', resolver),
    onResponse: functionOf(behavior, 'viewer-response', resolver),
  };
}

function functionOf(behavior: Fields, eventType: string, resolver: Resolver): EdgeCode | undefined {
  const arn = behavior
    .blocks('function_association')
    .find((each) => each.text('event_type') === eventType)
    ?.text('function_arn');
  const found = arn === undefined ? undefined : resolver.find('aws_cloudfront_function', arn, 'arn');
  return found && { name: found.id('name'), code: found.text('code') };
}
