import { User } from '../support/password-users';
import { pause, until } from '../support/load';

const USERS = 3;
/** Hashing is slow on purpose; the machine has other things to do. */
const PAUSE_MS = 1_500;

/** What a user knows of the changes of the password. */
export interface Changes {
  readonly user: User;
  /** Ids of changes that were answered with 200. */
  readonly accepted: Set<string>;
  /** How many changes were made without an answer. */
  unanswered: number;
}

/** Users who change their passwords again and again. */
export class PasswordLoad {
  readonly changes: Changes[] = [];
  private stopping = false;
  private readonly users: Promise<void[]>;

  constructor(apiUrl: string, mailFolder: string) {
    for (let index = 0; index < USERS; index++) {
      this.changes.push({ user: new User(apiUrl, mailFolder), accepted: new Set(), unanswered: 0 });
    }
    this.users = Promise.all(this.changes.map((changes) => this.run(changes)));
  }

  /** Resolves when every user has seen the last change through. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.users;
  }

  private async run(changes: Changes): Promise<void> {
    const { user } = changes;
    await until('the registration', 60_000, async () => {
      const status = await statusOf(user.register());
      return status === 200 || status === 201 ? true : undefined;
    });
    for (let index = 1; !this.stopping; index++) {
      await change(changes, `password number ${index} of ${user.id}`);
      await pause(PAUSE_MS);
    }
  }
}

/**
 * Tries until it is changed. Where no answer came the change may have been made; then the old password is wrong by now, and
 * the new one has become one that cannot be used again.
 */
async function change(changes: Changes, newPassword: string): Promise<void> {
  const { user, accepted } = changes;
  let maybe = false;
  await until(
    'the change of a password',
    90_000,
    async () => {
      const answer = await user.change(newPassword).catch(() => undefined);
      const body = await answer?.text().catch(() => undefined);
      if (answer?.status === 200 && body !== undefined) {
        accepted.add((JSON.parse(body) as { changeId: string }).changeId);
        return true;
      }
      if (answer?.status === 403 && maybe) {
        changes.unanswered += 1;
        return true;
      }
      if (answer !== undefined && ![200, 429, 500, 503].includes(answer.status)) {
        throw new Error(`${answer.status} for a good change: ${body}`);
      }
      maybe ||= answer?.status !== 429;
      return undefined;
    },
    250,
  );
  user.password = newPassword;
}

const statusOf = (answer: Promise<Response>): Promise<number> =>
  answer.then(
    ({ status }) => status,
    () => 0,
  );
