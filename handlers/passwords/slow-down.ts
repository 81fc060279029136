import { HttpProblem } from '../shared/http';
import type { Account, Accounts } from './accounts';

const FREE_ATTEMPTS = 3;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15 * 60_000;

/**
 * Of requests that come at once one is counted in each round, and after as many rounds as there are free attempts all
 * others meet a time to wait. More rounds than that there are only while right passwords come in between.
 */
const MAX_ROUNDS = FREE_ATTEMPTS + 2;

/**
 * Counts a guess before its password is looked at, as if it were wrong; whoever finds it right forgets the count. Counted
 * afterwards, a hundred guesses sent at once would all be looked at before the first of them counts. The count stands in
 * the account's item, so that it holds for all instances of the function.
 *
 * After the third wrong guess the next one has to wait for a second, after each further one twice as long, up to 15
 * minutes. This goes for the right password too: who waits learns nothing.
 *
 * There is no count for a user who does not exist: it would need an item for each name that anyone makes up. So 429 tells
 * that a user exists; but that nobody can hide here, because whoever may register learns by 409 which names are taken.
 * Up to the third guess existing and missing users are alike: same answer, same hashing, same calls of the table.
 *
 * @param now milliseconds since the epoch
 * @returns undefined if there is no such user
 * @throws HttpProblem 429 with Retry-After
 * @throws AwsError
 */
export async function takeAttempt(
  userId: string,
  accounts: Accounts,
  now: () => number,
): Promise<Account | undefined> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const account = await accounts.get(userId);
    const time = now();
    if (account && account.retryAt > time) throw tooManyAttempts(account.retryAt - time);
    const failedAttempts = account?.failedAttempts ?? 0;
    const counted = await accounts.countAttempt(
      { userId, failedAttempts },
      retryAtAfter(failedAttempts + 1, time),
    );
    if (counted || !account) return account;
  }
  throw tooManyAttempts(FIRST_WAIT_MS);
}

function retryAtAfter(attempts: number, now: number): number {
  if (attempts < FREE_ATTEMPTS) return 0;
  return now + Math.min(FIRST_WAIT_MS * 2 ** (attempts - FREE_ATTEMPTS), LONGEST_WAIT_MS);
}

function tooManyAttempts(waitMs: number): HttpProblem {
  const seconds = String(Math.ceil(waitMs / 1000));
  const detail = `There were too many attempts with a wrong password. Try again in ${seconds} s.`;
  return new HttpProblem(429, detail, [], { 'retry-after': seconds });
}
