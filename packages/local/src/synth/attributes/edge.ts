import type { Resource } from '../resolver';
import type { Attributes } from './types';
import { arn, drawnId, globalArn, nameFrom, same } from './types';

const policy: Attributes = { id: (each) => drawnId(each.address, 32) };

function identityId(identity: Resource): string {
  return `E${drawnId(identity.address, 13).toUpperCase()}`;
}

/** CloudFront and Cognito. */
export const edge: Readonly<Record<string, Attributes>> = {
  aws_cloudfront_distribution: {
    id: (each) => `E${drawnId(each.address, 13).toUpperCase()}`,
    arn: globalArn('cloudfront', (each) => `distribution/${each.id()}`),
    domain_name: (each) => `d${drawnId(each.address, 13)}.cloudfront.net`,
    hosted_zone_id: () => 'Z2FDTNDATAQYW2',
    status: () => 'Deployed',
    etag: (each) => `E${drawnId(`${each.address} etag`, 12).toUpperCase()}`,
  },
  aws_cloudfront_function: {
    id: same('name'),
    arn: globalArn('cloudfront', (each) => `function/${each.id('name')}`),
    status: () => 'DEPLOYED',
  },
  aws_cloudfront_origin_access_control: {
    id: (each) => `E${drawnId(each.address, 12).toUpperCase()}`,
  },
  aws_cloudfront_origin_access_identity: {
    id: identityId,
    cloudfront_access_identity_path: (each) => `origin-access-identity/cloudfront/${identityId(each)}`,
    iam_arn: (each) => `arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity ${identityId(each)}`,
    s3_canonical_user_id: (each) => drawnId(`${each.address} canonical`, 64),
  },
  aws_cloudfront_cache_policy: policy,
  aws_cloudfront_origin_request_policy: policy,
  aws_cloudfront_response_headers_policy: policy,
  aws_cognito_user_pool: {
    id: (pool) => `${pool.region}_${drawnId(pool.address, 9)}`,
    name: nameFrom('name'),
    arn: arn('cognito-idp', (pool) => `userpool/${pool.id()}`),
    endpoint: (pool) => `cognito-idp.${pool.region}.amazonaws.com/${pool.id()}`,
  },
  aws_cognito_user_pool_client: {
    id: (client) => drawnId(client.address, 26),
    client_secret: (client) => drawnId(`${client.address} secret`, 51),
  },
  aws_cognito_user_pool_domain: { id: same('domain') },
  aws_cognito_user_group: { id: (group) => `${group.text('user_pool_id')}/${group.text('name')}` },
};
