import type { Forwarding } from './forwarding';
import { all, allExcept, none, only } from './forwarding';
import type { CorsPolicy, HeadersPolicy, PolicyHeader } from './headers-policy';

/** A cache policy: what it passes on, and whether its objects may be kept compressed. */
export interface CachePolicy {
  readonly forwarding: Forwarding;
  readonly compresses: boolean;
}

const NOTHING: Forwarding = { query: none, headers: none, cookies: none };
const EVERYTHING: Forwarding = { query: all, headers: all, cookies: all };
/** Headers beside which CloudFront keeps answers apart, where the origin decides what is kept. */
const ORIGIN_DECIDES = only([
  'host',
  'origin',
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
]);

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html */
export const MANAGED_CACHE_POLICIES: Readonly<Record<string, CachePolicy>> = {
  // CachingOptimized
  '658327ea-f89d-4fab-a63d-7e88639e58f6': { forwarding: NOTHING, compresses: true },
  // CachingOptimizedForUncompressedObjects
  'b2884449-e4de-46a7-ac36-70bc7f1ddd6d': { forwarding: NOTHING, compresses: false },
  // CachingDisabled
  '4135ea2d-6df8-44a3-9df3-4b5a84be39ad': { forwarding: NOTHING, compresses: false },
  // UseOriginCacheControlHeaders
  '83da9c7e-98b4-4e11-a168-04f0df8e2c65': {
    forwarding: { query: none, headers: ORIGIN_DECIDES, cookies: all },
    compresses: true,
  },
  // UseOriginCacheControlHeaders-QueryStrings
  '4cc15a8a-d715-48a4-82b8-cc0b614638fe': {
    forwarding: { query: all, headers: ORIGIN_DECIDES, cookies: all },
    compresses: true,
  },
};

const PREFLIGHT = ['origin', 'access-control-request-headers', 'access-control-request-method'];

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html */
export const MANAGED_ORIGIN_REQUEST_POLICIES: Readonly<Record<string, Forwarding>> = {
  // AllViewer
  '216adef6-5c7f-47e4-b989-5492eafa07d3': EVERYTHING,
  // AllViewerAndCloudFrontHeaders-2022-06
  '33f36d7e-f396-46d9-90e0-52428a34d9dc': EVERYTHING,
  // AllViewerExceptHostHeader
  'b689b0a8-53d0-40ab-baf2-68738e2966ac': { ...EVERYTHING, headers: allExcept(['host']) },
  // CORS-CustomOrigin
  '59781a5b-3903-41f3-afcb-af62929ccde1': { ...NOTHING, headers: only(['origin']) },
  // CORS-S3Origin
  '88a5eaf4-2fd4-4709-b370-b4c650ea3fcf': { ...NOTHING, headers: only(PREFLIGHT) },
  // UserAgentRefererHeaders
  'acba4595-bd28-49b8-b9fe-13317c0390fa': { ...NOTHING, headers: only(['user-agent', 'referer']) },
};

const SIMPLE: CorsPolicy = {
  origins: ['*'],
  methods: [],
  headers: [],
  exposed: [],
  credentials: false,
  override: false,
};
const WITH_PREFLIGHT: CorsPolicy = {
  ...SIMPLE,
  methods: ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'],
  exposed: ['*'],
};
// Not strict-transport-security: browsers would ask this machine for TLS from then on.
const SECURITY: readonly PolicyHeader[] = [
  { name: 'referrer-policy', value: 'strict-origin-when-cross-origin', override: false },
  { name: 'x-content-type-options', value: 'nosniff', override: true },
  { name: 'x-frame-options', value: 'SAMEORIGIN', override: false },
  { name: 'x-xss-protection', value: '1; mode=block', override: false },
];

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-response-headers-policies.html */
export const MANAGED_HEADERS_POLICIES: Readonly<Record<string, HeadersPolicy>> = {
  // SimpleCORS
  '60669652-455b-4ae9-85a4-c4c02393f86c': { remove: [], set: [], cors: SIMPLE },
  // CORS-With-Preflight
  '5cc3b908-e619-4b99-88e5-2cf7f45965bd': { remove: [], set: [], cors: WITH_PREFLIGHT },
  // SecurityHeadersPolicy
  '67f7725c-6f97-4210-82d7-5512b31e9d03': { remove: [], set: SECURITY },
  // CORS-and-SecurityHeadersPolicy
  'e61eb60c-9c35-4d20-a928-2b84e02af89c': { remove: [], set: SECURITY, cors: SIMPLE },
  // CORS-with-preflight-and-SecurityHeadersPolicy
  'eaab4381-ed33-4a86-88ca-d9558dc6cd63': { remove: [], set: SECURITY, cors: WITH_PREFLIGHT },
};
