import type { Clock } from '../clock';
import type { Mailbox, Reporter } from '../contracts';
import { MailFolder, SesAccount } from '../mail';
import type { Resolver } from '../synth';
import type { DataFolder } from './data-folder';

export interface HostedMail {
  readonly mailbox: Mailbox;
  readonly ses: SesAccount;
  /** Where the mails are. */
  readonly folder: string;
}

/** Type of a sender's identity -> the argument with its address or domain. */
const IDENTITIES = {
  aws_sesv2_email_identity: 'email_identity',
  aws_ses_email_identity: 'email',
  aws_ses_domain_identity: 'domain',
} as const;

/** Mail as files in the data folder; the stack's identities may send, as if they were verified. */
export function hostMail(resolver: Resolver, data: DataFolder, clock: Clock, reporter: Reporter): HostedMail {
  const { region, accountId } = resolver;
  const folder = data.at('mail');
  const mailbox = new MailFolder({ folder, clock, reporter, region });
  const ses = new SesAccount({ mailbox, reporter, clock, region, accountId });
  for (const [type, argument] of Object.entries(IDENTITIES)) {
    resolver.resources(type).forEach((identity) => ses.add(identity.text(argument)));
  }
  return { mailbox, ses, folder };
}

/** Whether the stack sends mail. */
export function sendsMail(resolver: Resolver): boolean {
  const types = Object.keys(IDENTITIES);
  const subscribed = resolver
    .resources('aws_sns_topic_subscription')
    .some((subscription) => subscription.text('protocol').startsWith('email'));
  return subscribed || resolver.resources(...types).length > 0;
}
