import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MailFolder } from '../../src/mail';
import { Lines } from '../support/lines';
import { ManualClock } from '../support/manual-clock';

/** A mail folder in a place of its own, and what is in it. */
export class TestMailFolder {
  private readonly parent = mkdtempSync(join(tmpdir(), 'aws-micro-mail-'));
  readonly path = join(this.parent, 'mail');
  readonly clock = new ManualClock();
  readonly reporter = new Lines();
  readonly mailbox = new MailFolder({
    folder: this.path,
    clock: this.clock,
    reporter: this.reporter,
    region: 'us-east-1',
  });

  /** Of the mails, and of anything else there. */
  get files(): string[] {
    return existsSync(this.path) ? readdirSync(this.path).sort() : [];
  }

  /** Everything in the folder that holds it. */
  get surroundings(): string[] {
    return readdirSync(this.parent);
  }

  read(index = 0): string {
    return readFileSync(join(this.path, this.files[index]!), 'utf8');
  }

  remove(): void {
    rmSync(this.parent, { recursive: true, force: true });
  }
}
