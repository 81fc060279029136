import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as v from 'valibot';
import { readBody } from '../shared/body';
import { HttpProblem, type HttpResponse, jsonResponse } from '../shared/http';
import type { Log } from '../shared/log';
import { jsonBody } from '../shared/request';
import type { Account, Accounts, NewAccount } from './accounts';
import { answerAccountProblems } from './answer';
import type { PasswordHasher } from './password-hash';
import { takeAttempt } from './slow-down';
import { emailAddress, MAX_BODY_BYTES, newPassword } from './password-rules';
import { userIdOf } from './user-id';

export interface RegisterOptions {
  readonly accounts: Accounts;
  readonly hasher: PasswordHasher;
  readonly log: Log;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

const rules = {
  noun: 'user',
  schema: v.strictObject({ email: emailAddress, password: newPassword }),
  example: '{"email": "...", "password": "..."}',
};

/**
 * `PUT /users/{userId}`: 201 for a new user, 200 if the very same one exists, 409 if another one has that name.
 *
 * To say "the very same" is to say whether a password is right, so it counts as a guess as a change of the password does.
 */
export function registerUser(event: APIGatewayProxyEventV2, options: RegisterOptions): Promise<HttpResponse> {
  const { accounts, hasher, log, now = Date.now } = options;
  return answerAccountProblems(async () => {
    const userId = userIdOf(event);
    const { email, password } = readBody(jsonBody(event, MAX_BODY_BYTES), rules);
    const existing = await takeAttempt(userId, accounts, now);
    if (existing) return repeated(existing, { email, password }, { accounts, hasher });
    const passwordHash = await hasher.hash(password);
    const account = { userId, email, createdAt: new Date(now()).toISOString(), passwordHash };
    if (await accounts.create(account)) return jsonResponse(201, publicPart(account));
    return arrivedBefore(account, accounts);
  }, log);
}

type Registration = v.InferOutput<typeof rules.schema>;

async function repeated(
  account: Account,
  { email, password }: Registration,
  { accounts, hasher }: Pick<RegisterOptions, 'accounts' | 'hasher'>,
): Promise<HttpResponse> {
  // Before the addresses are compared: otherwise the time to the answer would tell whether they are equal.
  if (!(await hasher.verify(password, account.passwordHash))) throw taken(account);
  await accounts.forgetAttempts(account);
  if (email !== account.email) throw taken(account);
  return jsonResponse(200, publicPart(account));
}

/** Another request was faster; or it was this one, if the SDK had to try again because the answer did not come. */
async function arrivedBefore(account: NewAccount, accounts: Accounts): Promise<HttpResponse> {
  const stored = await accounts.get(account.userId);
  if (stored?.passwordHash !== account.passwordHash) throw taken(account);
  return jsonResponse(201, publicPart(account));
}

function taken({ userId }: Pick<Account, 'userId'>): HttpProblem {
  return new HttpProblem(409, `There is another user ${userId}.`);
}

function publicPart({ userId, email, createdAt }: NewAccount) {
  return { userId, email, createdAt };
}
