import { Token } from 'cdktf';
import type { LambdaFunction } from './function';
import type { LambdaFunctionProps } from './function-props';
import { requireInteger, requireMatch, requireThat } from './validate';

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html, reserved environment variables */
const RESERVED_VARIABLES =
  /^(AWS_(DEFAULT_REGION|REGION|EXECUTION_ENV|LAMBDA_(FUNCTION_.+|INITIALIZATION_TYPE|LOG_.+|RUNTIME_API)|ACCESS_KEY(_ID)?|SECRET_ACCESS_KEY|SESSION_TOKEN)|LAMBDA_(TASK_ROOT|RUNTIME_DIR))$/;

export function validateFunction(fn: LambdaFunction, props: LambdaFunctionProps): void {
  const source = 'Lambda CreateFunction';
  requireMatch(
    fn,
    'name',
    props.name,
    /^[a-zA-Z0-9_-]{1,64}$/,
    'up to 64 letters, digits, _ and - are allowed',
  );
  requireMatch(
    fn,
    'description',
    props.description,
    /^.{0,256}$/s,
    `up to 256 characters are allowed (${source})`,
  );
  requireInteger(fn, 'timeoutSeconds', props.timeoutSeconds, { min: 1, max: 900 }, source);
  requireInteger(fn, 'memoryMb', props.memoryMb, { min: 128, max: 10_240 }, source);
  requireInteger(fn, 'reservedConcurrency', props.reservedConcurrency, { min: 0, max: 1000 }, source);
  requireInteger(fn, 'ephemeralStorageMb', props.ephemeralStorageMb, { min: 512, max: 10_240 }, source);
  const dead = props.deadLetterQueue;
  const deadRule = 'Lambda has no group id to send with: a standard queue is needed';
  requireThat(fn, !dead?.isFifo, 'deadLetterQueue', dead?.name, deadRule);
  requireVariables(fn, props.environment ?? {});
}

/** @throws Error for names that Lambda refuses, and for more than 4 KB of what is known at synth */
export function requireVariables(fn: LambdaFunction, variables: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(variables)) {
    const rule =
      'letters, digits and _ after a letter are allowed, and not the names that Lambda sets itself';
    const valid = /^[a-zA-Z][a-zA-Z0-9_]+$/.test(name) && !RESERVED_VARIABLES.test(name);
    requireThat(fn, valid, 'environment variable', name, rule);
  }
  const bytes = Object.entries(variables).reduce(
    (sum, [name, value]) => sum + sizeOf(name) + sizeOf(value),
    0,
  );
  const sizeRule = 'names and values have 4096 bytes in all (Lambda quotas)';
  requireThat(fn, bytes <= 4096, 'size of the environment', bytes, sizeRule);
}

/** What Terraform knows only later counts as nothing. */
function sizeOf(text: string): number {
  return Token.isUnresolved(text) ? 0 : Buffer.byteLength(text);
}
