import { statementsOf, text } from '../../support/template';
import type { Attributes, Resource, Template } from '../../support/template';
import { each, isAllow } from './rule';
import type { Rule } from './rule';

const DISTRIBUTION = 'aws_cloudfront_distribution';
const POOL = 'aws_cognito_user_pool';
const CLIENT = 'aws_cognito_user_pool_client';

/** Sites, and the people who sign in to them. */
export const siteRules: readonly Rule[] = [
  each(DISTRIBUTION, 'CKV_AWS_34, CloudFront.3, AWS-0012', 'sites answer by TLS only', (distribution) =>
    behaviorsOf(distribution).every(({ viewer_protocol_policy: policy }) =>
      ['redirect-to-https', 'https-only'].includes(text(policy)),
    ),
  ),
  each(DISTRIBUTION, 'CKV_AWS_174, CloudFront.15, AWS-0013', 'TLS 1.2 is the least', (distribution) => {
    const certificate = distribution['viewer_certificate'] as Attributes | undefined;
    return text(certificate?.['minimum_protocol_version']) === 'TLSv1.2_2021';
  }),
  each(DISTRIBUTION, 'CKV2_AWS_32', 'every answer has security headers', (distribution) =>
    behaviorsOf(distribution).every((behavior) =>
      /^\$\{aws_cloudfront_response_headers_policy\./.test(text(behavior['response_headers_policy_id'])),
    ),
  ),
  each(DISTRIBUTION, 'CloudFront.1, CKV_AWS_305', 'sites have a root object', (distribution) =>
    Boolean(distribution['default_root_object']),
  ),
  each(DISTRIBUTION, 'CloudFront.9, CloudFront.10', 'servers behind a site are reached by TLS 1.2', (site) =>
    originsOf(site).every(({ custom_origin_config: config, s3_origin_config: old }) => {
      if (old !== undefined) return false;
      if (config === undefined) return true;
      const { origin_protocol_policy: policy, origin_ssl_protocols: protocols } = config as Attributes;
      return policy === 'https-only' && text(protocols) === '["TLSv1.2"]';
    }),
  ),
  each(DISTRIBUTION, 'CloudFront.13', 'buckets behind a site know the site by its signature', (site) =>
    originsOf(site)
      .filter(({ custom_origin_config: config }) => config === undefined)
      .every(({ origin_access_control_id: id }) =>
        /^\$\{aws_cloudfront_origin_access_control\./.test(text(id)),
      ),
  ),
  each(DISTRIBUTION, 'CKV_AWS_86, CloudFront.5, AWS-0010', 'sites log who asks', (distribution) =>
    Boolean(distribution['logging_config']),
  ),
  each(DISTRIBUTION, 'CKV_AWS_68, CloudFront.6, AWS-0011', 'sites are behind a firewall', (distribution) =>
    Boolean(distribution['web_acl_id']),
  ),
  each('aws_cloudfront_origin_access_control', 'own', 'every request to a bucket is signed', (control) => {
    return control['signing_behavior'] === 'always' && control['signing_protocol'] === 'sigv4';
  }),
  each('aws_cloudfront_response_headers_policy', 'own', 'pages load nothing from elsewhere', (policy) => {
    const headers = policy['security_headers_config'] as Attributes | undefined;
    const content = text((headers?.['content_security_policy'] as Attributes)?.['content_security_policy']);
    return /^default-src 'none';/.test(content) && !/unsafe|https?:|\*|data:/.test(content);
  }),
  each('aws_s3_bucket_policy', 'own', 'a service reads a bucket in the name of one resource', oneReader),
  each(POOL, 'own', 'administrators alone make users', (pool) =>
    /"allow_admin_create_user_only":true/.test(text(pool['admin_create_user_config'])),
  ),
  each(POOL, 'Cognito.3', 'passwords are long, with letters of both cases and digits', (pool) => {
    const policy = pool['password_policy'] as Attributes | undefined;
    return (
      Number(policy?.['minimum_length']) >= 12 &&
      ['require_lowercase', 'require_uppercase', 'require_numbers'].every((name) => policy?.[name] === true)
    );
  }),
  each(POOL, 'own', 'a second factor may be used', (pool) => {
    return pool['mfa_configuration'] !== 'OFF' && pool['software_token_mfa_configuration'] !== undefined;
  }),
  each(POOL, 'Cognito.6', 'user pools refuse to be deleted', (pool) => {
    return pool['deletion_protection'] === 'ACTIVE';
  }),
  each(
    CLIENT,
    'own',
    'who signs in to a page does so by code, and not by a password sent there',
    (client) => {
      return (
        text(client['allowed_oauth_flows']) === '["code"]' &&
        text(client['explicit_auth_flows']) === '["ALLOW_REFRESH_TOKEN_AUTH"]' &&
        client['generate_secret'] === false
      );
    },
  ),
  each(
    CLIENT,
    'own',
    'a page is told nothing of who has an account, and signing out ends tokens',
    (client) => {
      return (
        client['prevent_user_existence_errors'] === 'ENABLED' && client['enable_token_revocation'] === true
      );
    },
  ),
];

function behaviorsOf(distribution: Attributes): Attributes[] {
  const first = (distribution['default_cache_behavior'] ?? {}) as Attributes;
  return [first, ...((distribution['ordered_cache_behavior'] ?? []) as Attributes[])];
}

function originsOf(distribution: Attributes): Attributes[] {
  return (distribution['origin'] ?? []) as Attributes[];
}

/** Statements that let somebody in name one service, reading, and the distribution of this stack. */
function oneReader(policy: Attributes, _resource: Resource, _template: Template): boolean {
  return statementsOf(policy['policy'])
    .filter(isAllow)
    .every(({ Principal, Action, Condition }) => {
      const [source, ...more] = Condition?.['StringEquals']?.['aws:SourceArn'] ?? [];
      return (
        typeof Principal === 'object' &&
        Principal['Service'] === 'cloudfront.amazonaws.com' &&
        Action.join() === 's3:GetObject' &&
        more.length === 0 &&
        /^\$\{aws_cloudfront_distribution\.\w+\.arn\}$/.test(source ?? '')
      );
    });
}
