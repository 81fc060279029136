import type { Clock } from '../clock';
import type { Mail, Mailbox, Reporter } from '../contracts';
import { ServiceError } from '../engine/errors';
import { bareAddress, domainOf, MAX_ADDRESS } from './addresses';
import { checkMail, newMessageId, recipientsOf } from './mail-folder';

export interface SesAccountOptions {
  readonly mailbox: Mailbox;
  readonly reporter: Reporter;
  readonly clock: Clock;
  readonly region: string;
  readonly accountId: string;
}

/** An address or a domain that mail may be sent from. */
export interface Identity {
  readonly name: string;
  readonly kind: 'EMAIL_ADDRESS' | 'DOMAIN';
}

const SIMULATOR = 'simulator.amazonses.com';
/** Mailboxes of the simulator that nothing arrives in; a label may follow (`bounce+label1@`). */
const SIMULATED_FAILURES: ReadonlyMap<string, string> = new Map([
  ['bounce', 'it bounced, as this mailbox of the simulator does'],
  ['suppressionlist', 'it is on the suppression list, as this mailbox of the simulator is'],
]);

/**
 * Amazon SES as an account sees it: who may send, and whom nothing is sent to. Every identity is verified as soon as it exists.
 * Locally a mail fails where it would on AWS: its sender is no identity, the account's sending is paused, or an address is
 * malformed (errors); or its recipient is suppressed or one of the simulator's (accepted, and then not delivered).
 */
export class SesAccount {
  private readonly identities = new Map<string, Identity>();
  /** Suppressed address -> `BOUNCE` or `COMPLAINT`. */
  readonly suppressed = new Map<string, string>();
  /** What `PutAccountSendingAttributes` decides. */
  sendingEnabled = true;

  constructor(private readonly options: SesAccountOptions) {}

  /** Verified at once. */
  add(name: string): Identity {
    const key = name.toLowerCase();
    const identity: Identity = { name: key, kind: name.includes('@') ? 'EMAIL_ADDRESS' : 'DOMAIN' };
    this.identities.set(key, identity);
    return identity;
  }

  remove(name: string): boolean {
    return this.identities.delete(name.toLowerCase());
  }

  find(name: string): Identity | undefined {
    return this.identities.get(name.toLowerCase());
  }

  list(): Identity[] {
    return [...this.identities.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  arn(name: string): string {
    const { region, accountId } = this.options;
    return `arn:aws:ses:${region}:${accountId}:identity/${name}`;
  }

  /** The identity that stands for a sender: its address, its domain, or a domain above. */
  identityOf(sender: string): Identity | undefined {
    const address = bareAddress(sender).toLowerCase();
    // Its domains would be as many as its points.
    if (address.length > MAX_ADDRESS) return undefined;
    const labels = domainOf(address).split('.');
    const candidates = [address, ...labels.map((_, i) => labels.slice(i).join('.'))];
    return candidates.map((name) => this.identities.get(name)).find((identity) => identity !== undefined);
  }

  /**
   * Resolves with the message id once SES has accepted the mail and, unless nobody gets it, it is in the mailbox.
   * @throws ServiceError MessageRejected, SendingPausedException, BadRequestException
   */
  async send(mail: Mail): Promise<{ messageId: string }> {
    const { region, mailbox, clock } = this.options;
    if (!this.sendingEnabled) {
      throw new ServiceError('SendingPausedException', 'Sending has been paused for this account.');
    }
    if (this.identityOf(mail.from) === undefined) {
      throw new ServiceError(
        'MessageRejected',
        'Email address is not verified. The following identities failed the check in region ' +
          `${region.toUpperCase()}: ${bareAddress(mail.from)}`,
      );
    }
    checkMail(mail);
    const reached = this.withoutUnreachable(mail);
    return reached === undefined ? { messageId: newMessageId(clock.now()) } : mailbox.deliver(reached);
  }

  /** Undefined where nobody is left. */
  private withoutUnreachable(mail: Mail): Mail | undefined {
    const reachable = (mailboxes: readonly string[] = []) =>
      mailboxes.filter((mailbox) => this.obstacle(bareAddress(mailbox).toLowerCase()) === undefined);
    const reached = { ...mail, to: reachable(mail.to), cc: reachable(mail.cc), bcc: reachable(mail.bcc) };
    for (const address of recipientsOf(mail)) {
      const obstacle = this.obstacle(address.toLowerCase());
      if (obstacle !== undefined)
        this.options.reporter.event('mail', `to ${address}: ${mail.subject} (not delivered: ${obstacle})`);
    }
    return recipientsOf(reached).length === 0 ? undefined : reached;
  }

  private obstacle(address: string): string | undefined {
    const reason = this.suppressed.get(address);
    if (reason !== undefined) return `it is on the account's suppression list for a ${reason.toLowerCase()}`;
    if (domainOf(address) !== SIMULATOR) return undefined;
    return SIMULATED_FAILURES.get(address.split(/[+@]/)[0]!);
  }
}
