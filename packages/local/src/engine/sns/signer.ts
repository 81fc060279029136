import { createHash, createPrivateKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Clock } from '../../clock';
import type { Store } from '../store';

const RECORD = 'k!sns-signing';
const DAY_MS = 86_400_000;
const LIFETIME_DAYS = 3650;

/** https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html */
const DIGESTS = { '1': 'sha1', '2': 'sha256' } as const;

export type SignatureVersion = keyof typeof DIGESTS;

/** Signs texts with a key of its own, as SNS does with its. */
export interface Certificate {
  /** Changes with the certificate: `SimpleNotificationService-<32 hexadecimal digits>.pem`. */
  readonly fileName: string;
  readonly pem: string;
}

interface Identity extends Certificate {
  readonly key: KeyObject;
}

/** The key and the certificate by which subscribers verify what they get: made when first needed, and kept in the store. */
export class Signer {
  private identity: Promise<Identity> | undefined;

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
  ) {}

  async certificate(): Promise<Certificate> {
    return this.load();
  }

  /** Resolves with the signature in base64. The work is done on a thread of the pool: one costs a third of a millisecond. */
  async sign(text: string, version: SignatureVersion): Promise<string> {
    const { key } = await this.load();
    return new Promise((resolve, reject) => {
      sign(DIGESTS[version], Buffer.from(text), key, (error, signature) => {
        if (error) reject(error);
        else resolve(signature.toString('base64'));
      });
    });
  }

  private load(): Promise<Identity> {
    this.identity ??= this.restore().catch((error: unknown) => {
      this.identity = undefined;
      throw error;
    });
    return this.identity;
  }

  private async restore(): Promise<Identity> {
    const [stored] = await this.store.getMany([RECORD]);
    if (stored !== undefined) return identityOf(stored);
    const { generate } = await import('selfsigned');
    const { private: privateKey, cert } = await generate(
      [{ name: 'commonName', value: 'sns.amazonaws.com' }],
      {
        keyType: 'rsa',
        keySize: 2048,
        algorithm: 'sha256',
        notBeforeDate: new Date(this.clock.now() - DAY_MS),
        notAfterDate: new Date(this.clock.now() + LIFETIME_DAYS * DAY_MS),
      },
    );
    const value = JSON.stringify({ privateKey, certificate: cert });
    await this.store.commit([{ type: 'put', key: RECORD, value }]);
    return identityOf(value);
  }
}

function identityOf(record: string): Identity {
  const { privateKey, certificate } = JSON.parse(record) as { privateKey: string; certificate: string };
  const digest = createHash('sha256').update(certificate).digest('hex').slice(0, 32);
  return {
    fileName: `SimpleNotificationService-${digest}.pem`,
    pem: certificate,
    key: createPrivateKey(privateKey),
  };
}
