import type { Mail, MailAttachment } from '../contracts';
import { ServiceError } from '../engine';
import { bareAddress, displayName } from '../mail';
import type { Input, Permission, WireContext } from './protocol';
import { isInput, optionalText, textList } from './protocol';
import { sesAccount } from './ses-context';

// https://docs.aws.amazon.com/ses/latest/dg/quotas.html
const MAX_MESSAGE_BYTES = 40 * 1024 * 1024;

/**
 * The mail that a SendEmail asks for.
 * @throws ServiceError BadRequestException
 */
export function mailOf(input: Input): Mail {
  const content = structure(input, 'Content');
  if (content.Template !== undefined) {
    throw new ServiceError(
      'BadRequestException',
      'Templates are not hosted by the local runtime; Simple and Raw content are.',
    );
  }
  const mail =
    content.Raw === undefined
      ? simple(input, structure(content, 'Simple'))
      : raw(input, structure(content, 'Raw'));
  if (sizeOf(mail) > MAX_MESSAGE_BYTES) {
    throw new ServiceError(
      'BadRequestException',
      `Message length is more than ${MAX_MESSAGE_BYTES} bytes long.`,
    );
  }
  return mail;
}

/**
 * What a sender must be allowed to do: SendRawEmail for raw content, on the identity that it sends as.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsimpleemailservicev2.html
 */
export function sendingPermissions(input: Input, context: WireContext): Permission[] {
  const mail = mailOf(input);
  const account = sesAccount(context);
  const from = bareAddress(mail.from);
  const resource =
    optionalText(input, 'FromEmailAddressIdentityArn') ?? account.arn(account.identityOf(from)?.name ?? from);
  const recipients = [...mail.to, ...(mail.cc ?? []), ...(mail.bcc ?? [])].map(bareAddress);
  const name = displayName(mail.from);
  const feedback = optionalText(input, 'FeedbackForwardingEmailAddress');
  const conditions = () =>
    new Map<string, string | readonly string[]>([
      ['ses:fromaddress', from],
      ['ses:recipients', recipients],
      ['ses:apiversion', '2'],
      ...(name === undefined ? [] : ([['ses:fromdisplayname', name]] as const)),
      ...(feedback === undefined ? [] : ([['ses:feedbackaddress', feedback]] as const)),
    ]);
  return [{ action: mail.raw === undefined ? 'SendEmail' : 'SendRawEmail', resource, conditions }];
}

function simple(input: Input, content: Input): Mail {
  const from = optionalText(input, 'FromEmailAddress');
  if (from === undefined) throw new ServiceError('BadRequestException', 'FromEmailAddress is required.');
  const body = structure(content, 'Body');
  return {
    ...destination(input),
    from,
    replyTo: textList(input, 'ReplyToAddresses'),
    subject: data(content, 'Subject') ?? '',
    text: data(body, 'Text'),
    html: data(body, 'Html'),
    headers: structures(content, 'Headers').map((header) => ({
      name: optionalText(header, 'Name') ?? '',
      value: optionalText(header, 'Value') ?? '',
    })),
    attachments: structures(content, 'Attachments').map(attachment),
  };
}

/** Without a sender or destination of its own, the message's headers decide. */
function raw(input: Input, content: Input): Mail {
  const message = Buffer.from(optionalText(content, 'Data') ?? '', 'base64');
  if (message.length === 0) throw new ServiceError('BadRequestException', 'The raw message is empty.');
  const headers = addressHeaders(message);
  const given = destination(input);
  const named = given.to.length + given.cc.length + given.bcc.length > 0;
  const from = optionalText(input, 'FromEmailAddress') ?? headers.get('from')?.[0];
  if (from === undefined) throw new ServiceError('BadRequestException', "Missing required header 'From'.");
  const inHeaders = {
    to: headers.get('to') ?? [],
    cc: headers.get('cc') ?? [],
    bcc: headers.get('bcc') ?? [],
  };
  return { ...(named ? given : inHeaders), from, subject: '', raw: message };
}

function destination(input: Input): { to: string[]; cc: string[]; bcc: string[] } {
  const given = input.Destination === undefined ? {} : structure(input, 'Destination');
  return {
    to: textList(given, 'ToAddresses'),
    cc: textList(given, 'CcAddresses'),
    bcc: textList(given, 'BccAddresses'),
  };
}

/** Mailboxes of the address headers, by the header's name in lower case. */
function addressHeaders(message: Buffer): ReadonlyMap<string, string[]> {
  const text = message.toString('utf8');
  const end = text.search(/\r?\n\r?\n/);
  const lines = (end < 0 ? text : text.slice(0, end)).replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
  return new Map(
    lines.flatMap((line) => {
      const [, name, value] = /^(From|To|Cc|Bcc):[ \t]*(.*)$/i.exec(line) ?? [];
      return name === undefined ? [] : [[name.toLowerCase(), mailboxes(value!)] as const];
    }),
  );
}

/** Splits at the commas that are not inside quotes. */
function mailboxes(value: string): string[] {
  return (value.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? [])
    .map((mailbox) => mailbox.trim())
    .filter(Boolean);
}

function attachment(input: Input): MailAttachment {
  const disposition = optionalText(input, 'ContentDisposition');
  return {
    filename: optionalText(input, 'FileName') ?? 'attachment',
    content: Buffer.from(optionalText(input, 'RawContent') ?? '', 'base64'),
    contentType: optionalText(input, 'ContentType'),
    cid: optionalText(input, 'ContentId'),
    contentDisposition: disposition === 'INLINE' ? 'inline' : 'attachment',
  };
}

function sizeOf({ raw, text = '', html = '', attachments = [] }: Mail): number {
  if (raw !== undefined) return raw.length;
  const attached = attachments.reduce((sum, { content }) => sum + Math.ceil(content.length / 3) * 4, 0);
  return Buffer.byteLength(text) + Buffer.byteLength(html) + attached;
}

/** The `Data` of a structure, whose charset is always UTF-8 here: JSON and forms carry text. */
function data(input: Input, name: string): string | undefined {
  return input[name] === undefined ? undefined : optionalText(structure(input, name), 'Data');
}

function structure(input: Input, name: string): Input {
  const value = input[name];
  if (isInput(value)) return value;
  throw new ServiceError('BadRequestException', `${name} is required.`);
}

function structures(input: Input, name: string): Input[] {
  const value = input[name];
  return Array.isArray(value) ? value.filter(isInput) : [];
}
