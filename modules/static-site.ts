import { CloudfrontDistribution } from '@cdktf/provider-aws/lib/cloudfront-distribution';
import type {
  CloudfrontDistributionConfig,
  CloudfrontDistributionOrderedCacheBehavior,
  CloudfrontDistributionOrigin,
} from '@cdktf/provider-aws/lib/cloudfront-distribution';
import { CloudfrontFunction } from '@cdktf/provider-aws/lib/cloudfront-function';
import { CloudfrontOriginAccessControl } from '@cdktf/provider-aws/lib/cloudfront-origin-access-control';
import { CloudfrontResponseHeadersPolicy } from '@cdktf/provider-aws/lib/cloudfront-response-headers-policy';
import { S3Object } from '@cdktf/provider-aws/lib/s3-object';
import { AssetType, TerraformAsset } from 'cdktf';
import { Construct } from 'constructs';
import { Bucket } from './bucket';
import { siteBundlerOf } from './site-bundle';
import type { SiteFile } from './site-bundle';
import { requireMatch } from './validate';

/** Paths that another server answers, under the site's own origin. */
export interface SiteRoute {
  /** `/books*`; more special ones first. */
  readonly paths: readonly string[];
  /** Its host, reached by TLS: `abc123.execute-api.us-east-1.amazonaws.com`. */
  readonly host: string;
}

export interface StaticSiteProps {
  readonly name: string;
  /** Of the bucket with the files; nobody else in the world has a bucket of that name. */
  readonly bucketName: string;
  /** The folder of the sources, absolute: see `bundleSite`. */
  readonly source: string;
  /** Servers behind the site, by a name for each. @default none */
  readonly routes?: Readonly<Record<string, SiteRoute>>;
  /** A host name of your own, and its certificate in us-east-1 (ACM). @default CloudFront's name and certificate */
  readonly domain?: { readonly name: string; readonly certificateArn: string };
  /** Whether a destroy deletes the files first. @default true: they are made from the sources at any time */
  readonly forceDestroy?: boolean;
  /** Attributes of the distribution that are set otherwise than here. @default none */
  readonly overrides?: Partial<CloudfrontDistributionConfig>;
}

/** What CloudFront has ready-made: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html */
const MANAGED = {
  cachingOptimized: '658327ea-f89d-4fab-a63d-7e88639e58f6',
  cachingDisabled: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
  allViewerExceptHost: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
};

/** Everything comes from the site's own origin; scripts and styles are files. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Paths of pages are those of the one page; a file that is not there stays missing. */
const FALLBACK = `function handler(event) {
  var request = event.request;
  if (!/\\.[a-z0-9]+$/.test(request.uri)) request.uri = '/index.html';
  return request;
}
`;

const FILES = 'files';
const YEAR_SECONDS = 31_536_000;

/**
 * A single-page site behind CloudFront: its files in a private bucket that only this distribution reads, security headers on every
 * answer, and servers (an API) under the same origin, so that pages need no CORS.
 *
 * Emits what `Bucket` emits, aws_s3_object for each file, aws_cloudfront_distribution, _origin_access_control, _function and
 * _response_headers_policy. 1 TB and 10 million requests a month are free, then 0.085 USD a GB and 0.01 USD per 10,000 requests.
 *
 * @example
 * const site = new StaticSite(scope, 'site', {
 *   name: 'shop',
 *   bucketName: 'shop-site-123456789012',
 *   source: path.join(__dirname, 'web'),
 *   routes: { api: { paths: ['/books*'], host: 'abc123.execute-api.us-east-1.amazonaws.com' } },
 * });
 */
export class StaticSite extends Construct {
  readonly bucket: Bucket;
  readonly distribution: CloudfrontDistribution;
  readonly files: readonly SiteFile[];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: StaticSiteProps,
  ) {
    super(scope, id);
    validate(this, props);
    this.bucket = new Bucket(this, 'bucket', {
      name: props.bucketName,
      forceDestroy: props.forceDestroy ?? true,
    });
    this.files = siteBundlerOf(this)(props.source);
    this.distribution = this.createDistribution();
    this.bucket.allowReadBy('cloudfront.amazonaws.com', this.distribution.arn);
    this.deployFiles();
  }

  /** Without a slash at the end. */
  get url(): string {
    return `https://${this.props.domain?.name ?? this.distribution.domainName}`;
  }

  /** A file whose content is known only when the stack is deployed, as JSON; browsers ask for it each time. */
  addConfig(key: string, content: Readonly<Record<string, string>>): S3Object {
    return new S3Object(this, `config-${key}`, {
      bucket: this.bucket.bucket.id,
      key,
      content: JSON.stringify(content),
      contentType: 'application/json',
      cacheControl: 'no-cache',
      dependsOn: [this.bucket.versioning],
    });
  }

  /** Pages after what they name: at no time is a page there without its scripts, neither before nor behind a deploy. */
  private deployFiles(): void {
    const assets = this.files.filter(({ immutable }) => immutable).map((file) => this.deploy(file));
    for (const file of this.files.filter(({ immutable }) => !immutable)) this.deploy(file, assets);
  }

  private deploy(
    { key, file, hash, contentType, immutable }: SiteFile,
    dependsOn: S3Object[] = [],
  ): S3Object {
    // Of the name without its hash: another content is a change of the object where the name stays.
    const asset = new TerraformAsset(this, `asset-${key.replaceAll('/', '-')}`, {
      path: file,
      type: AssetType.FILE,
      assetHash: hash,
    });
    return new S3Object(this, `file-${key.replaceAll('/', '-')}`, {
      bucket: this.bucket.bucket.id,
      key,
      source: asset.path,
      sourceHash: hash,
      contentType,
      cacheControl: immutable ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache',
      dependsOn: [this.bucket.versioning, ...dependsOn],
    });
  }

  private createDistribution(): CloudfrontDistribution {
    const { name, domain, overrides } = this.props;
    const headers = this.createHeaders();
    const fallback = this.createFallback();
    return new CloudfrontDistribution(this, 'distribution', {
      enabled: true,
      comment: name,
      isIpv6Enabled: true,
      httpVersion: 'http2and3',
      priceClass: 'PriceClass_100',
      defaultRootObject: 'index.html',
      ...(domain && { aliases: [domain.name] }),
      origin: this.origins(),
      defaultCacheBehavior: {
        targetOriginId: FILES,
        viewerProtocolPolicy: 'redirect-to-https',
        allowedMethods: ['GET', 'HEAD'],
        cachedMethods: ['GET', 'HEAD'],
        compress: true,
        cachePolicyId: MANAGED.cachingOptimized,
        responseHeadersPolicyId: headers.id,
        functionAssociation: [{ eventType: 'viewer-request', functionArn: fallback.arn }],
      },
      orderedCacheBehavior: this.behaviors(headers),
      restrictions: { geoRestriction: { restrictionType: 'none' } },
      viewerCertificate: domain
        ? {
            acmCertificateArn: domain.certificateArn,
            sslSupportMethod: 'sni-only',
            minimumProtocolVersion: 'TLSv1.2_2021',
          }
        : { cloudfrontDefaultCertificate: true },
      ...overrides,
    });
  }

  private origins(): CloudfrontDistributionOrigin[] {
    const control = new CloudfrontOriginAccessControl(this, 'access', {
      name: this.props.name,
      originAccessControlOriginType: 's3',
      signingBehavior: 'always',
      signingProtocol: 'sigv4',
    });
    const files = {
      originId: FILES,
      domainName: this.bucket.bucket.bucketRegionalDomainName,
      originAccessControlId: control.id,
    };
    const servers = Object.entries(this.props.routes ?? {}).map(([originId, { host }]) => ({
      originId,
      domainName: host,
      customOriginConfig: {
        httpPort: 80,
        httpsPort: 443,
        originProtocolPolicy: 'https-only',
        originSslProtocols: ['TLSv1.2'],
      },
    }));
    return [files, ...servers];
  }

  private behaviors(headers: CloudfrontResponseHeadersPolicy): CloudfrontDistributionOrderedCacheBehavior[] {
    return Object.entries(this.props.routes ?? {}).flatMap(([targetOriginId, { paths }]) =>
      paths.map((pathPattern) => ({
        pathPattern,
        targetOriginId,
        viewerProtocolPolicy: 'https-only',
        allowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'],
        cachedMethods: ['GET', 'HEAD'],
        compress: true,
        cachePolicyId: MANAGED.cachingDisabled,
        originRequestPolicyId: MANAGED.allViewerExceptHost,
        responseHeadersPolicyId: headers.id,
      })),
    );
  }

  private createHeaders(): CloudfrontResponseHeadersPolicy {
    return new CloudfrontResponseHeadersPolicy(this, 'headers', {
      name: this.props.name,
      securityHeadersConfig: {
        contentSecurityPolicy: { contentSecurityPolicy: CONTENT_SECURITY_POLICY, override: true },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: 'DENY', override: true },
        referrerPolicy: { referrerPolicy: 'same-origin', override: true },
        strictTransportSecurity: { accessControlMaxAgeSec: YEAR_SECONDS, override: true },
      },
    });
  }

  private createFallback(): CloudfrontFunction {
    return new CloudfrontFunction(this, 'fallback', {
      name: `${this.props.name}-fallback`,
      runtime: 'cloudfront-js-2.0',
      comment: 'Pages of the site are one file',
      publish: true,
      code: FALLBACK,
    });
  }
}

function validate(site: StaticSite, { name, routes = {}, domain }: StaticSiteProps): void {
  requireMatch(
    site,
    'name',
    name,
    /^[a-zA-Z0-9-_]{1,55}$/,
    'up to 55 letters, digits, - and _ are allowed (with -fallback, the name of a CloudFront function)',
  );
  for (const { paths } of Object.values(routes)) {
    for (const each of paths) {
      requireMatch(
        site,
        'path',
        each,
        /^\/[\w\-.$/~"'@:+&?*]{0,254}$/,
        'it begins with / (CloudFront path patterns)',
      );
    }
  }
  const region = 'CloudFront takes certificates of us-east-1 only';
  requireMatch(site, 'certificateArn', domain?.certificateArn, /^arn:[\w-]+:acm:us-east-1:/, region);
}
