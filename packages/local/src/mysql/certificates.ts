import { X509Certificate } from 'node:crypto';
import type { Clock } from '../clock';
import type { ServerFiles } from './files';
import { readIfThere, writePrivate } from './files';

const DAY_MS = 86_400_000;
const LIFETIME_DAYS = 397;
const RENEW_DAYS = 30;

/**
 * Makes the server's certificate and the authority that clients verify it by, and makes both anew before they end. The
 * authority's key is thrown away: it signs this one certificate and nothing else.
 */
export async function ensureCertificates(files: ServerFiles, clock: Clock): Promise<void> {
  if (await areGood(files, clock.now())) return;
  const { generate } = await import('selfsigned');
  const common = {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(clock.now() - DAY_MS),
    notAfterDate: new Date(clock.now() + LIFETIME_DAYS * DAY_MS),
  } as const;
  const ca = await generate([{ name: 'commonName', value: 'aws-micro local database' }], {
    ...common,
    extensions: [
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...common,
    ca: { key: ca.private, cert: ca.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  await writePrivate(files.key, server.private);
  await writePrivate(files.certificate, server.cert);
  await writePrivate(files.ca, ca.cert);
}

async function areGood(files: ServerFiles, now: number): Promise<boolean> {
  const [ca, certificate, key] = await Promise.all([files.ca, files.certificate, files.key].map(readIfThere));
  if (ca === undefined || certificate === undefined || key === undefined) return false;
  const authority = new X509Certificate(ca);
  const server = new X509Certificate(certificate);
  const ends = Math.min(Date.parse(authority.validTo), Date.parse(server.validTo));
  return ends - now > RENEW_DAYS * DAY_MS && server.verify(authority.publicKey);
}
