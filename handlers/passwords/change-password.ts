import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as v from 'valibot';
import { AwsError } from '../shared/aws-error';
import { readBody } from '../shared/body';
import { HttpProblem, type HttpResponse, jsonResponse } from '../shared/http';
import type { Log } from '../shared/log';
import { jsonBody } from '../shared/request';
import { outgoingTraceparent, TRACEPARENT } from '../shared/trace-context';
import type { Account, Accounts } from './accounts';
import { answerAccountProblems } from './answer';
import { MAX_USER_AGENT, type PendingEvent } from './event';
import type { PasswordHasher } from './password-hash';
import { publishEvent, type Publisher } from './publish-event';
import { takeAttempt } from './slow-down';
import { MAX_BODY_BYTES, newPassword, password, passwordBytes } from './password-rules';
import { userIdOf } from './user-id';

export interface ChangeOptions extends Publisher {
  readonly accounts: Accounts;
  readonly hasher: PasswordHasher;
  readonly log: Log;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

const rules = {
  noun: 'change',
  schema: v.strictObject({ currentPassword: password, newPassword }),
  example: '{"currentPassword": "...", "newPassword": "..."}',
};

type Passwords = v.InferOutput<typeof rules.schema>;

/** `POST /passwords/{userId}`: 200 once the new password is stored, be it published already or not. */
export function changePassword(event: APIGatewayProxyEventV2, options: ChangeOptions): Promise<HttpResponse> {
  const { accounts, hasher, log, now = Date.now } = options;
  return answerAccountProblems(async () => {
    const userId = userIdOf(event);
    const passwords = readBody(jsonBody(event, MAX_BODY_BYTES), rules);
    const account = await takeAttempt(userId, accounts, now);
    const changedAt = new Date(now()).toISOString();
    const pending = await store(account, passwords, { accounts, hasher }, (email) =>
      pendingEvent(event, { userId, email, changedAt }),
    );
    await publish(pending, options);
    return jsonResponse(200, { passwordChanged: true, changeId: pending.event.changeId, changedAt });
  }, log);
}

/**
 * If another change comes in between, this one looks at the account again, once: by then its current password is most
 * likely wrong.
 *
 * @returns the event that is stored with the password
 */
async function store(
  first: Account | undefined,
  passwords: Passwords,
  { accounts, hasher }: Pick<ChangeOptions, 'accounts' | 'hasher'>,
  eventFor: (email: string) => PendingEvent,
): Promise<PendingEvent> {
  let account = await requireCurrent(first, passwords, hasher);
  await refuseUsed(account, passwords, { accounts, hasher });
  const passwordHash = await hasher.hash(passwords.newPassword);
  const pending = eventFor(account.email);
  if (await accounts.changePassword(account, passwordHash, pending)) return pending;
  const latest = await accounts.get(account.userId);
  // It was this very change, if the SDK had to try again because the answer did not come: no other has this salt.
  if (latest?.passwordHash === passwordHash) return pending;
  account = await requireCurrent(latest, passwords, hasher);
  await refuseUsed(account, passwords, { accounts, hasher });
  if (await accounts.changePassword(account, passwordHash, pending)) return pending;
  throw new HttpProblem(409, 'The password was changed by other requests meanwhile.');
}

/** The same work and the same answer for a user who does not exist. @throws HttpProblem 403 */
async function requireCurrent(
  account: Account | undefined,
  { currentPassword }: Passwords,
  hasher: PasswordHasher,
): Promise<Account> {
  const right = await hasher.verify(currentPassword, account?.passwordHash ?? hasher.nobodysHash);
  if (right && account) return account;
  throw new HttpProblem(403, 'There is no such user, or the current password is another one.');
}

/** @throws HttpProblem 409 */
async function refuseUsed(
  account: Account,
  passwords: Passwords,
  { accounts, hasher }: Pick<ChangeOptions, 'accounts' | 'hasher'>,
): Promise<void> {
  if (!(await wasUsed(account, passwords, hasher))) return;
  await accounts.forgetAttempts(account);
  const detail = 'must differ from the last five passwords';
  throw new HttpProblem(409, `The new password ${detail}.`, [{ pointer: '#/newPassword', detail }]);
}

async function wasUsed(
  { previousHashes }: Account,
  { currentPassword, newPassword }: Passwords,
  hasher: PasswordHasher,
): Promise<boolean> {
  // The current one is known by now to be right: comparing the two texts tells what hashing would.
  if (passwordBytes(currentPassword).equals(passwordBytes(newPassword))) return true;
  // One after the other: each takes 32 MiB.
  for (const hash of previousHashes) if (await hasher.verify(newPassword, hash)) return true;
  return false;
}

type Change = Pick<PendingEvent['event'], 'userId' | 'email' | 'changedAt'>;

function pendingEvent({ headers, requestContext }: APIGatewayProxyEventV2, change: Change): PendingEvent {
  return {
    event: {
      changeId: randomUUID(),
      ...change,
      sourceIp: requestContext.http.sourceIp,
      userAgent: shortened(headers['user-agent'] ?? ''),
    },
    traceparent: outgoingTraceparent(headers[TRACEPARENT]),
  };
}

/** Anything may stand there; what cannot be shown or stored goes. */
function shortened(userAgent: string): string {
  const clean = userAgent.replace(/[\p{Cc}\p{Surrogate}\uFFFE\uFFFF]/gu, ' ');
  return [...clean].slice(0, MAX_USER_AGENT).join('');
}

/** What fails here is no failure of the request: the event is stored, and the sweep publishes what is left. */
async function publish(pending: PendingEvent, { accounts, log, ...publisher }: ChangeOptions): Promise<void> {
  const { changeId, userId } = pending.event;
  try {
    await publishEvent(pending, publisher);
    await accounts.clearPending(userId, changeId);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    log.warn('publishing left to the sweep', { changeId, ...error.fields });
  }
}
