import { createHash, randomBytes } from 'node:crypto';
import { ServiceError } from '../engine';
import type { Call, Input, Output, WireRequest } from './protocol';
import { optionalInteger, optionalText, text } from './protocol';

// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
const ROLE_ARN = /^arn:aws[a-z-]*:iam::(\d{12}):role\/(?:[\x21-\x7e]+\/)?([\w+=,.@-]{1,64})$/;
const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;
const SECONDS = { min: 900, max: 43_200, default: 3600 };
const TOKEN_PREFIX = 'local-session.';

interface AssumedRole {
  /** `arn:aws:sts::<account>:assumed-role/<role>/<session>` */
  readonly arn: string;
  readonly id: string;
}

/**
 * Credentials of a role: who uses them is the role's session to GetCallerIdentity. The session token says so itself, and lasts over
 * a restart.
 */
export function assumeRole(input: Input, { context }: Call): Output {
  const roleArn = text(input, 'RoleArn');
  const sessionName = text(input, 'RoleSessionName');
  const [, account, roleName] = ROLE_ARN.exec(roleArn) ?? [];
  if (account === undefined) throw invalid('roleArn', roleArn, ROLE_ARN);
  if (!SESSION_NAME.test(sessionName)) throw invalid('roleSessionName', sessionName, SESSION_NAME);
  const seconds = optionalInteger(input, 'DurationSeconds', SECONDS.min, SECONDS.max) ?? SECONDS.default;
  const problem = context.assumptionProblem?.(roleArn, optionalText(input, 'ExternalId'));
  if (problem !== undefined) {
    const who = `arn:aws:iam::${context.broker.locale.accountId}:root`;
    throw new ServiceError(
      'AccessDenied',
      `User: ${who} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}: ${problem}`,
      403,
    );
  }
  const hash = createHash('sha256').update(roleArn).digest('hex').toUpperCase();
  const assumed: AssumedRole = {
    arn: `arn:aws:sts::${account}:assumed-role/${roleName}/${sessionName}`,
    id: `AROA${hash.slice(0, 17)}:${sessionName}`,
  };
  const expiresAt = context.broker.queues.clock.now() + seconds * 1000;
  return {
    Credentials: {
      AccessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
      SecretAccessKey: randomBytes(30).toString('base64'),
      SessionToken: TOKEN_PREFIX + Buffer.from(JSON.stringify(assumed)).toString('base64url'),
      Expiration: new Date(expiresAt).toISOString(),
    },
    AssumedRoleUser: { AssumedRoleId: assumed.id, Arn: assumed.arn },
  };
}

/** Whose credentials a request has; undefined for those of no role. */
export function assumedRoleOf({ headers }: WireRequest): AssumedRole | undefined {
  const token = headers['x-amz-security-token'];
  if (typeof token !== 'string' || !token.startsWith(TOKEN_PREFIX)) return undefined;
  try {
    const content = Buffer.from(token.slice(TOKEN_PREFIX.length), 'base64url').toString();
    const { arn, id } = JSON.parse(content) as Partial<AssumedRole>;
    return typeof arn === 'string' && typeof id === 'string' ? { arn, id } : undefined;
  } catch {
    return undefined;
  }
}

function invalid(member: string, value: string, pattern: RegExp): ServiceError {
  return new ServiceError(
    'ValidationError',
    `1 validation error detected: Value '${value.slice(0, 200)}' at '${member}' failed to satisfy constraint: Member must ` +
      `satisfy regular expression pattern: ${pattern.source}`,
  );
}
