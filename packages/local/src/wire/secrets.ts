import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../clock';
import { systemClock } from '../clock';
import { ServiceError } from '../engine';
import { JsonFile } from '../json-file';

export interface SecretVersion {
  readonly id: string;
  readonly text?: string;
  /** Base64. */
  readonly binary?: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly description?: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** AWSCURRENT; a secret may be without a value. */
  readonly current?: SecretVersion;
  /** AWSPREVIOUS */
  readonly previous?: SecretVersion;
  /** Of a secret of the stack: the SHA-256 of the value that the stack gives it, or `none`. */
  readonly declared?: string;
}

export type SecretValue = Pick<SecretVersion, 'text' | 'binary'>;

/** A secret as the stack has it: without a value somebody puts one later. */
export interface DeclaredSecret {
  readonly arn: string;
  readonly name: string;
  readonly description?: string;
  readonly value?: string;
}

interface Content {
  readonly secrets: readonly Secret[];
}

/** The secrets of the stack, and those that are made by the API. What is put outlives the process. */
export class SecretStore {
  private readonly byArn: Map<string, Secret>;
  private readonly file?: JsonFile<Content>;

  /** @param file where they are kept. @default in memory only */
  constructor(
    private readonly clock: Clock = systemClock,
    file?: string,
  ) {
    this.file = file === undefined ? undefined : new JsonFile<Content>(file, { secrets: [] });
    this.byArn = new Map((this.file?.content.secrets ?? []).map((secret) => [secret.arn, secret]));
  }

  /** The stack's secrets, all of them: those that it had before and has no more are gone. */
  declare(secrets: readonly DeclaredSecret[]): void {
    const arns = new Set(secrets.map(({ arn }) => arn));
    for (const { arn, declared } of this.list()) {
      if (declared !== undefined && !arns.has(arn)) this.byArn.delete(arn);
    }
    for (const secret of secrets) this.set(secret);
    this.keep();
  }

  /** A secret of the stack. Its value becomes AWSCURRENT when the stack has a new one, as with an apply; what was put since then stays. */
  set({ arn, name, description, value }: DeclaredSecret): void {
    const known = this.byArn.get(arn) ?? { arn, name, createdAt: this.clock.now() };
    const declared = value === undefined ? 'none' : createHash('sha256').update(value).digest('hex');
    const secret = { ...known, description, declared };
    if (value !== undefined && declared !== known.declared) this.putValue(secret, { text: value });
    else this.write(secret);
  }

  /** A new secret, with the six random characters that AWS puts at the end of its ARN. */
  create(arnPrefix: string, name: string, description: string | undefined, value: SecretValue): Secret {
    const arn = `${arnPrefix}${name}-${randomBytes(3).toString('hex')}`;
    const secret: Secret = { arn, name, description, createdAt: this.clock.now() };
    if (value.text !== undefined || value.binary !== undefined) return this.putValue(secret, value);
    return this.write(secret);
  }

  /**
   * Makes the value AWSCURRENT and what was that AWSPREVIOUS. The same version again changes nothing.
   *
   * @throws ServiceError if there is another value with that version's id
   */
  putValue(secret: Secret, value: SecretValue, versionId: string = randomUUID()): Secret {
    const known = [secret.current, secret.previous].find((version) => version?.id === versionId);
    if (known) {
      if (known.text === value.text && known.binary === value.binary) return secret;
      const reason = `You can't use ClientRequestToken ${versionId} because that value is already in use for a version of secret ${secret.arn}.`;
      throw new ServiceError('ResourceExistsException', reason);
    }
    const current = { id: versionId, createdAt: this.clock.now(), ...value };
    return this.write({ ...secret, current, previous: secret.current ?? secret.previous });
  }

  /** By name, by ARN, or by ARN without the random characters. */
  find(id: string): Secret | undefined {
    return this.byArn.get(id) ?? this.list().find(({ name, arn }) => name === id || arn.slice(0, -7) === id);
  }

  list(): Secret[] {
    return [...this.byArn.values()];
  }

  private write(secret: Secret): Secret {
    this.byArn.set(secret.arn, secret);
    this.keep();
    return secret;
  }

  private keep(): void {
    this.file?.change({ secrets: this.list() });
  }
}
