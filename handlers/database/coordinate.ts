import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as v from 'valibot';
import type { Log } from '../shared/log';
import type { MigrationResult } from './migrate';

export interface CoordinateOptions {
  readonly secrets: Pick<SecretsManagerClient, 'send'>;
  readonly lambda: Pick<LambdaClient, 'send'>;
  /** The secret that RDS keeps for the database's administrator: `{"username", "password"}`. */
  readonly secretArn: string;
  readonly migratorFunctionName: string;
  readonly log: Log;
  /** Milliseconds that this invocation may still take. */
  readonly remainingMs: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

const RETRY_DELAY_MS = 3_000;
/** No new attempt when less than this is left: it would be cut off in the middle. */
const ATTEMPT_MS = 15_000;
/** A permission that was granted a moment ago takes some seconds to be known everywhere. */
const MAX_DENIALS = 10;

const secretText = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ username: v.string(), password: v.string() }),
);
const migrationResult = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ applied: v.number(), total: v.number() }),
);
const functionError = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ errorType: v.optional(v.string(), ''), errorMessage: v.optional(v.string(), '') }),
);

/** What a deployment is told: never a secret, nor an error that could carry one. */
class MigrationError extends Error {
  override readonly name = 'MigrationError';

  constructor(
    message: string,
    readonly retry: 'no' | 'until-time-is-up' | 'a-few-times',
  ) {
    super(message);
  }
}

/**
 * Has the migrations applied: by a function inside the VPC, which gets the administrator's password in its payload and
 * from nowhere else. While the database does not answer yet it tries again.
 *
 * @returns counts only, because Terraform keeps the result in its state
 * @throws Error without secrets
 */
export async function coordinate(options: CoordinateOptions): Promise<MigrationResult> {
  const { log, remainingMs, wait } = options;
  for (let denials = 0; ;) {
    try {
      return await invokeMigrator(await administrator(options), options);
    } catch (error) {
      const failure = error instanceof MigrationError ? error : describeSdkError(error);
      if (failure.retry === 'a-few-times') denials++;
      const mayRetry = failure.retry !== 'no' && denials < MAX_DENIALS;
      if (!mayRetry || remainingMs() < ATTEMPT_MS) throw failure;
      log.warn('migration retried', { reason: failure.message });
      await wait(RETRY_DELAY_MS);
    }
  }
}

type Administrator = v.InferOutput<typeof secretText>;

/** Read for each attempt: RDS may rotate it. */
async function administrator({ secrets, secretArn }: CoordinateOptions): Promise<Administrator> {
  const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: secretArn }));
  const secret = v.safeParse(secretText, SecretString);
  if (!secret.success) throw new MigrationError('the secret is not {"username", "password"}', 'no');
  return secret.output;
}

async function invokeMigrator(admin: Administrator, options: CoordinateOptions): Promise<MigrationResult> {
  const { username, password } = admin;
  const answer = await options.lambda.send(
    new InvokeCommand({
      FunctionName: options.migratorFunctionName,
      Payload: Buffer.from(JSON.stringify({ username, password })),
    }),
  );
  const payload = Buffer.from(answer.Payload ?? []).toString();
  if (answer.FunctionError !== undefined) {
    const { errorType, errorMessage } = v.parse(v.fallback(functionError, NO_DETAILS), payload);
    const reason = errorMessage.replaceAll(password, '***') || answer.FunctionError;
    const retry = errorType === 'DatabaseUnavailable' ? 'until-time-is-up' : 'no';
    throw new MigrationError(`the migrations failed: ${reason}`, retry);
  }
  const result = v.safeParse(migrationResult, payload);
  if (!result.success) throw new MigrationError('the migrator answered something else than counts', 'no');
  return result.output;
}

const NO_DETAILS = { errorType: '', errorMessage: '' };

/** A new function in a VPC takes no invocations until its network interface is there. */
const NOT_READY = ['ResourceConflictException', 'ResourceNotReadyException', 'ServiceException'];
const DENIED = ['AccessDeniedException', 'KMSAccessDeniedException', 'AccessDenied'];

function describeSdkError(error: unknown): MigrationError {
  const { name = 'Error', message = '' } = error as Partial<Error>;
  const text = `${name}: ${message}`;
  if (NOT_READY.includes(name)) return new MigrationError(text, 'until-time-is-up');
  return new MigrationError(text, DENIED.includes(name) ? 'a-few-times' : 'no');
}
