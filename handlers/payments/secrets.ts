import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as v from 'valibot';
import { AwsError, callAws } from '../shared/aws-error';

const KEPT_MS = 5 * 60_000;

export interface SigningSecretsOptions {
  readonly secrets: Pick<SecretsManagerClient, 'send'>;
  /** Name or ARN. */
  readonly secretId: string;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

const several = v.pipe(v.string(), v.parseJson(), v.array(v.pipe(v.string(), v.nonEmpty())), v.nonEmpty());

/** The secrets that payments are signed with: read once in five minutes. */
export class SigningSecrets {
  private known?: { readonly values: readonly string[]; readonly until: number };

  constructor(private readonly options: SigningSecretsOptions) {}

  /**
   * One text, or while it is being replaced a JSON list of them.
   *
   * @returns undefined if nobody put a value yet; what is not there is asked for anew each time
   * @throws AwsError
   */
  async values(): Promise<readonly string[] | undefined> {
    const { now = Date.now } = this.options;
    if (this.known && now() < this.known.until) return this.known.values;
    const text = await this.read();
    if (!text) return undefined;
    const list = v.safeParse(several, text);
    const values = list.success ? list.output : [text];
    this.known = { values, until: now() + KEPT_MS };
    return values;
  }

  private async read(): Promise<string | undefined> {
    const { secrets, secretId } = this.options;
    const command = new GetSecretValueCommand({ SecretId: secretId });
    try {
      const { SecretString } = await callAws('secretsmanager:GetSecretValue', secrets.send(command));
      return SecretString;
    } catch (error) {
      // Of a secret without a version, too. https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
      if (error instanceof AwsError && error.code === 'ResourceNotFoundException') return undefined;
      throw error;
    }
  }
}
