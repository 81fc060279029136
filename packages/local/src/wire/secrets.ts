import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../clock';
import { systemClock } from '../clock';

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
}

export type SecretValue = Pick<SecretVersion, 'text' | 'binary'>;

/** The secrets of the stack, in memory: the assembly fills the store at each start. */
export class SecretStore {
  private readonly byArn = new Map<string, Secret>();

  constructor(private readonly clock: Clock = systemClock) {}

  /** Puts a secret of the stack; its value becomes AWSCURRENT. */
  set(secret: { readonly arn: string; readonly name: string; readonly value: string }): void {
    const { arn, name, value } = secret;
    const existing = this.byArn.get(arn) ?? { arn, name, createdAt: this.clock.now() };
    this.putValue(existing, { text: value });
  }

  /** A new secret, with the six random characters that AWS puts at the end of its ARN. */
  create(arnPrefix: string, name: string, description: string | undefined, value: SecretValue): Secret {
    const arn = `${arnPrefix}${name}-${randomBytes(3).toString('hex')}`;
    const secret: Secret = { arn, name, description, createdAt: this.clock.now() };
    this.byArn.set(arn, secret);
    return value.text === undefined && value.binary === undefined ? secret : this.putValue(secret, value);
  }

  /** Makes the value AWSCURRENT and what was that AWSPREVIOUS. */
  putValue(secret: Secret, value: SecretValue, versionId: string = randomUUID()): Secret {
    const current = { id: versionId, createdAt: this.clock.now(), ...value };
    const updated = { ...secret, current, previous: secret.current ?? secret.previous };
    this.byArn.set(secret.arn, updated);
    return updated;
  }

  /** By name, by ARN, or by ARN without the random characters. */
  find(id: string): Secret | undefined {
    return this.byArn.get(id) ?? this.list().find(({ name, arn }) => name === id || arn.slice(0, -7) === id);
  }

  list(): Secret[] {
    return [...this.byArn.values()];
  }
}
