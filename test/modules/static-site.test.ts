import vm from 'node:vm';
import { StaticSite } from '../../modules';
import type { StaticSiteProps } from '../../modules';
import { synthesize, text } from '../support/template';
import type { Attributes } from '../support/template';

const routes = {
  api: { paths: ['/books*'], host: 'abc123.execute-api.us-east-1.amazonaws.com' },
  'sign-in': { paths: ['/oauth2/token'], host: 'shop.auth.us-east-1.amazoncognito.com' },
};
const synth = (props: Partial<StaticSiteProps> = {}) =>
  synthesize((stack) => {
    const site = new StaticSite(stack, 'site', {
      name: 'shop',
      bucketName: 'shop-site-123456789012',
      source: '/nowhere',
      routes,
      ...props,
    });
    site.addConfig('config.json', { clientId: 'abc' });
  });

const template = synth();
const distribution = template.only('aws_cloudfront_distribution');
const address = (type: string) => template.resourcesOf(type)[0]?.address;
const first = distribution['default_cache_behavior'] as Attributes;
const others = distribution['ordered_cache_behavior'] as Attributes[];
const origins = distribution['origin'] as Attributes[];

test('matches its snapshot', () => expect(template.snapshot()).toMatchSnapshot());

describe('the files', () => {
  test('are in a private bucket that only this distribution reads', () => {
    const allowed = template.statements('aws_s3_bucket_policy').filter(({ Effect }) => Effect === 'Allow');
    expect(allowed).toEqual([
      {
        Sid: 'ReadByService',
        Effect: 'Allow',
        Principal: { Service: 'cloudfront.amazonaws.com' },
        Action: ['s3:GetObject'],
        Resource: [`\${${address('aws_s3_bucket')}.arn}/*`],
        Condition: {
          StringEquals: { 'aws:SourceArn': [`\${${address('aws_cloudfront_distribution')}.arn}`] },
        },
      },
    ]);
    const denied = template.statements('aws_s3_bucket_policy').filter(({ Effect }) => Effect === 'Deny');
    expect(denied.map(({ Sid }) => Sid)).toEqual(['DenyInsecureTransport']);
    expect(template.only('aws_s3_bucket_public_access_block')).toMatchObject({
      block_public_policy: true,
      restrict_public_buckets: true,
    });
    template.countIs('aws_s3_bucket_website_configuration', 0);
  });

  test('are asked for with a signature, always', () => {
    expect(template.only('aws_cloudfront_origin_access_control')).toMatchObject({
      origin_access_control_origin_type: 's3',
      signing_behavior: 'always',
      signing_protocol: 'sigv4',
    });
    const [files] = origins;
    expect(files).toEqual({
      origin_id: 'files',
      domain_name: `\${${address('aws_s3_bucket')}.bucket_regional_domain_name}`,
      origin_access_control_id: `\${${address('aws_cloudfront_origin_access_control')}.id}`,
    });
  });

  test('are kept by browsers where the name goes with the content, and asked for each time otherwise', () => {
    expect(template.only('aws_s3_object', 'file-assets')).toMatchObject({
      key: 'assets/main-STUB.js',
      cache_control: 'public, max-age=31536000, immutable',
      content_type: 'text/javascript; charset=utf-8',
      source_hash: 'stub',
    });
    expect(template.only('aws_s3_object', 'file-indexhtml')).toMatchObject({
      key: 'index.html',
      cache_control: 'no-cache',
      content_type: 'text/html; charset=utf-8',
    });
    expect(template.only('aws_s3_object', 'config-configjson')).toMatchObject({
      key: 'config.json',
      content: { clientId: 'abc' },
      cache_control: 'no-cache',
      content_type: 'application/json',
    });
  });

  test('come before the page that names them, and go after it', () => {
    const [asset] = template.resourcesOf('aws_s3_object', 'file-assets');
    expect(template.only('aws_s3_object', 'file-indexhtml')['depends_on']).toContain(asset?.address);
    const pages = template.resourcesOf('aws_s3_object').map(({ address }) => address);
    for (const page of pages) expect(asset?.attributes['depends_on']).not.toContain(page);
  });

  test('come when the bucket keeps versions, so that each has one', () => {
    const [versioning] = template.resourcesOf('aws_s3_bucket_versioning');
    const objects = template.resourcesOf('aws_s3_object');
    expect(objects.length).toBeGreaterThan(2);
    for (const { attributes } of objects) expect(attributes['depends_on']).toContain(versioning?.address);
  });

  test('go with the site, unless that is not wanted', () => {
    expect(template.only('aws_s3_bucket')).toMatchObject({ force_destroy: true });
    expect(synth({ forceDestroy: false }).only('aws_s3_bucket')).toMatchObject({
      force_destroy: false,
      lifecycle: { prevent_destroy: true },
    });
  });
});

describe('the distribution', () => {
  test('answers by TLS only, files to whoever reads', () => {
    expect(first).toMatchObject({
      target_origin_id: 'files',
      viewer_protocol_policy: 'redirect-to-https',
      allowed_methods: ['GET', 'HEAD'],
      compress: true,
      cache_policy_id: '658327ea-f89d-4fab-a63d-7e88639e58f6',
    });
    expect(distribution).toMatchObject({
      enabled: true,
      http_version: 'http2and3',
      is_ipv6_enabled: true,
      default_root_object: 'index.html',
      viewer_certificate: { cloudfront_default_certificate: true },
    });
    expect(distribution).not.toHaveProperty('aliases');
  });

  test('passes the paths of servers on, as they come, and keeps no answer', () => {
    expect(others.map((each) => [each['path_pattern'], each['target_origin_id']])).toEqual([
      ['/books*', 'api'],
      ['/oauth2/token', 'sign-in'],
    ]);
    for (const behavior of others) {
      expect(behavior).toMatchObject({
        // A redirect would make a GET of a POST, and the request was in clear text before.
        viewer_protocol_policy: 'https-only',
        allowed_methods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'],
        cache_policy_id: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
        origin_request_policy_id: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
      });
      expect(behavior).not.toHaveProperty('function_association');
    }
  });

  test('reaches servers by TLS 1.2', () => {
    for (const origin of origins.slice(1)) {
      expect(origin['custom_origin_config']).toMatchObject({
        origin_protocol_policy: 'https-only',
        origin_ssl_protocols: ['TLSv1.2'],
      });
    }
    expect(origins.map((each) => each['domain_name']).slice(1)).toEqual(
      Object.values(routes).map(({ host }) => host),
    );
  });

  test('gives every answer the same security headers, whatever the server says', () => {
    const id = `\${${address('aws_cloudfront_response_headers_policy')}.id}`;
    for (const behavior of [first, ...others]) expect(behavior['response_headers_policy_id']).toBe(id);
    const headers = template.only('aws_cloudfront_response_headers_policy')[
      'security_headers_config'
    ] as Record<string, Attributes>;
    expect(Object.values(headers).every(({ override }) => override === true)).toBe(true);
    expect(headers).toMatchObject({
      content_type_options: { override: true },
      frame_options: { frame_option: 'DENY' },
      referrer_policy: { referrer_policy: 'same-origin' },
      strict_transport_security: { access_control_max_age_sec: 31_536_000 },
    });
    const policy = text(headers['content_security_policy']?.['content_security_policy']).split('; ');
    expect(policy).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self'",
      "font-src 'self'",
      "connect-src 'self'",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ]);
  });

  test('has a name of its own by TLS 1.2 where that is asked for', () => {
    const certificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/1';
    const named = synth({ domain: { name: 'shop.example.com', certificateArn } });
    expect(named.only('aws_cloudfront_distribution')).toMatchObject({
      aliases: ['shop.example.com'],
      viewer_certificate: {
        acm_certificate_arn: certificateArn,
        ssl_support_method: 'sni-only',
        minimum_protocol_version: 'TLSv1.2_2021',
      },
    });
  });

  test('needs no servers, and takes another setting of the resource', () => {
    const custom = synth({ routes: undefined, overrides: { priceClass: 'PriceClass_All' } });
    const alone = custom.only('aws_cloudfront_distribution');
    expect(alone['price_class']).toBe('PriceClass_All');
    expect(alone['origin']).toHaveLength(1);
    expect(alone['ordered_cache_behavior'] ?? []).toEqual([]);
  });
});

describe('paths', () => {
  const fallback = template.only('aws_cloudfront_function');
  const script = new vm.Script(`(${text(fallback['code']).trim()})`);
  const asked = (uri: string) =>
    (script.runInNewContext() as (event: object) => { uri: string })({ request: { uri } }).uri;

  test('of pages are those of the one page, before the cache is asked', () => {
    expect(first['function_association']).toEqual([
      { event_type: 'viewer-request', function_arn: `\${${address('aws_cloudfront_function')}.arn}` },
    ]);
    expect(fallback).toMatchObject({ runtime: 'cloudfront-js-2.0', publish: true });
    for (const uri of ['/', '/shop', '/shop/', '/admin/signed-in', '/shop/orders/7f3c', '/a.b/c']) {
      expect(asked(uri)).toBe('/index.html');
    }
  });

  test('of files stay, also those of files that are not there', () => {
    for (const uri of ['/index.html', '/assets/main-ABC123.js', '/icon.svg', '/gone.css']) {
      expect(asked(uri)).toBe(uri);
    }
  });
});

test.each<[Partial<StaticSiteProps>, string]>([
  [{ name: 'the shop' }, 'name is "the shop"'],
  [{ name: '' }, 'name is ""'],
  [{ name: 'x'.repeat(56) }, 'name'],
  [{ routes: { api: { paths: ['books*'], host: 'x' } } }, 'path is "books*"'],
  [{ routes: { api: { paths: ['/a b'], host: 'x' } } }, 'path is "/a b"'],
  [
    { domain: { name: 'a.example.com', certificateArn: 'arn:aws:acm:eu-central-1:1:certificate/1' } },
    'us-east-1',
  ],
  [{ bucketName: 'Shop' }, 'name is "Shop"'],
])('refuses %j', (props, message) => {
  expect(() => synth(props)).toThrow(message);
});
