import { randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Clock } from '../clock';
import type { Mail, Mailbox, Reporter } from '../contracts';
import { ServiceError } from '../engine/errors';
import { bareAddress, checkHeaderText, checkMailbox } from './addresses';
import { mailFileName, textFileName } from './file-name';

export interface MailFolderOptions {
  /** Made with the first mail. */
  readonly folder: string;
  readonly clock: Clock;
  readonly reporter: Reporter;
  /** In the domain of Message-ID. */
  readonly region: string;
}

// RFC 5322, section 2.1.1; SES refuses longer lines.
const MAX_SUBJECT = 998;
// https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_MessageHeader.html
const MAX_HEADER_VALUE = 870;
const HEADER_NAME = /^[!-9;-~]{1,126}$/;
const MAX_RECIPIENTS = 50;
const LISTED = 3;

/** Keeps mail as files instead of sending it: one `.eml` a mail, for any mail program to open, and one `.txt` a text message. */
export class MailFolder implements Mailbox {
  private lastAt = 0;
  private sequence = 0;

  constructor(private readonly options: MailFolderOptions) {}

  /**
   * Resolves once the file is whole, under its final name.
   * @throws ServiceError BadRequestException for an address or a header that no mail can have
   */
  async deliver(mail: Mail): Promise<{ messageId: string }> {
    checkMail(mail);
    const { clock, reporter, region } = this.options;
    const now = clock.now();
    const messageId = newMessageId(now);
    const recipients = recipientsOf(mail);
    const subject = mail.raw === undefined ? mail.subject : subjectOf(mail.raw);
    const content = mail.raw
      ? Buffer.concat([envelope(mail.from, recipients), mail.raw])
      : await compose(mail, new Date(now), `<${messageId}@${region}.amazonses.com>`);
    const name = mailFileName(now, this.nextSequence(now), recipients[0] ?? '', subject);
    await this.write(name, content);
    reporter.event(
      'mail',
      `to ${summary(recipients)}: ${subject} (${basename(this.options.folder)}/${name})`,
    );
    return { messageId };
  }

  async deliverText(phoneNumber: string, text: string): Promise<string> {
    const now = this.options.clock.now();
    const name = textFileName(now, this.nextSequence(now), phoneNumber);
    await this.write(name, Buffer.from(`To: ${phoneNumber}\n\n${text}\n`));
    return `${basename(this.options.folder)}/${name}`;
  }

  /** Counts within a millisecond, so that names sort in the order of the calls. */
  private nextSequence(now: number): number {
    this.sequence = now === this.lastAt ? this.sequence + 1 : 1;
    this.lastAt = now;
    return this.sequence;
  }

  private async write(name: string, content: Buffer): Promise<void> {
    const { folder } = this.options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const draft = join(folder, `.${name}.${process.pid}`);
    await writeFile(draft, content, { mode: 0o600 });
    await rename(draft, join(folder, name));
  }
}

/** Every address that the mail goes to, without names. */
export function recipientsOf({ to, cc = [], bcc = [] }: Mail): string[] {
  return [...to, ...cc, ...bcc].map(bareAddress);
}

/** In the form that SES gives them. */
export function newMessageId(now: number): string {
  return `${now.toString(16).padStart(16, '0')}-${randomUUID()}-000000`;
}

/** @throws ServiceError BadRequestException for an address or a header that no mail can have */
export function checkMail(mail: Mail): void {
  const { from, to, cc = [], bcc = [], replyTo = [], headers = [], subject } = mail;
  const recipients = [...to, ...cc, ...bcc];
  if (recipients.length === 0) throw new ServiceError('BadRequestException', 'Destination is empty.');
  if (recipients.length > MAX_RECIPIENTS) {
    throw new ServiceError('BadRequestException', `Recipient count exceeds ${MAX_RECIPIENTS}.`);
  }
  [from, ...recipients, ...replyTo].forEach(checkMailbox);
  checkHeaderText('Subject', subject, MAX_SUBJECT);
  for (const { name, value } of headers) {
    if (!HEADER_NAME.test(name)) {
      throw new ServiceError(
        'BadRequestException',
        `Invalid header name: ${JSON.stringify(name.slice(0, 126))}`,
      );
    }
    checkHeaderText(`The header ${name}`, value, MAX_HEADER_VALUE);
  }
}

async function compose(mail: Mail, date: Date, messageId: string): Promise<Buffer> {
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
  const { from, to, cc, bcc, replyTo, subject, text, html, headers = [], attachments = [] } = mail;
  const composer = new MailComposer({
    from,
    to: [...to],
    cc: cc && [...cc],
    replyTo: replyTo && [...replyTo],
    subject,
    text,
    html,
    messageId,
    date,
    headers: [
      ...headers.map(({ name, value }) => ({ key: name, value })),
      ...(bcc?.length ? [{ key: 'X-Envelope-To', value: recipientsOf(mail).join(', ') }] : []),
    ],
    attachments: attachments.map((attachment) => ({ ...attachment })),
    // Content comes from the caller alone: no file of this machine, no URL.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return composer.compile().build();
}

/** Who a raw message really goes to, which its own headers need not say. */
function envelope(from: string, recipients: readonly string[]): Buffer {
  return Buffer.from(
    `X-Envelope-From: ${bareAddress(from)}\r\nX-Envelope-To: ${recipients.join(',\r\n ')}\r\n`,
  );
}

/** The subject of a MIME message, unfolded, as far as it is plain text. */
function subjectOf(raw: Buffer): string {
  const text = raw.toString('latin1');
  const end = text.search(/\r?\n\r?\n/);
  const headers = (end < 0 ? text : text.slice(0, end)).replace(/\r?\n[ \t]+/g, ' ');
  return (/^subject:[ \t]*(.*?)\s*$/im.exec(headers)?.[1] ?? '').slice(0, MAX_SUBJECT);
}

function summary(recipients: readonly string[]): string {
  const more = recipients.length - LISTED;
  return recipients.slice(0, LISTED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
