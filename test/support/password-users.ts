import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A password change as it travels from the topic on. */
export interface ChangeEvent {
  readonly changeId: string;
  readonly userId: string;
  readonly email: string;
  readonly changedAt: string;
  readonly sourceIp: string;
  readonly userAgent: string;
}

export interface HistoryItem {
  readonly changeId: string;
  readonly changedAt: string;
}

/** A user of the passwords service, who talks to its HTTP API. */
export class User {
  readonly id = `user-${randomUUID().slice(0, 8)}`;
  readonly email = `${this.id}@example.org`;
  password = `first password of ${this.id}`;

  constructor(
    private readonly apiUrl: string,
    /** Where the runtime keeps mail. */
    private readonly mailFolder: string,
  ) {}

  register(): Promise<Response> {
    const body = JSON.stringify({ email: this.email, password: this.password });
    return fetch(`${this.apiUrl}/users/${this.id}`, { method: 'PUT', headers: JSON_BODY, body });
  }

  change(newPassword: string, currentPassword = this.password): Promise<Response> {
    const body = JSON.stringify({ currentPassword, newPassword });
    return fetch(`${this.apiUrl}/passwords/${this.id}`, { method: 'POST', headers: JSON_BODY, body });
  }

  /** Answers the id of the change. */
  async changeTo(newPassword: string): Promise<string> {
    const answer = await this.change(newPassword);
    expect(answer.status).toBe(200);
    this.password = newPassword;
    return ((await answer.json()) as { changeId: string }).changeId;
  }

  async history(): Promise<HistoryItem[]> {
    const answer = await fetch(`${this.apiUrl}/passwords/${this.id}/history?limit=100`);
    expect(answer.status).toBe(200);
    return ((await answer.json()) as { items: HistoryItem[] }).items;
  }

  /** Every mail to the user, whole, the oldest first. */
  mails(): string[] {
    return filesOf(this.mailFolder)
      .map((name) => readFileSync(join(this.mailFolder, name), 'utf8'))
      .filter((mail) => mail.includes(`To: ${this.email}`));
  }

  /** A change that nobody made, as a publisher could send it. */
  event(changes: Partial<ChangeEvent> = {}): ChangeEvent {
    return {
      changeId: randomUUID(),
      userId: this.id,
      email: this.email,
      changedAt: '2026-01-01T00:00:00.000Z',
      sourceIp: '192.0.2.1',
      userAgent: 'test',
      ...changes,
    };
  }
}

const JSON_BODY = { 'content-type': 'application/json' };

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.eml'))
      .sort();
  } catch {
    // It is made with the first mail.
    return [];
  }
}
