import { SendEmailCommand, type SESv2Client } from '@aws-sdk/client-sesv2';
import type { SQSBatchResponse } from 'aws-lambda';
import { AwsError, callAws } from '../shared/aws-error';
import type { BatchEvent, BatchItem } from '../shared/batch';
import { eachItem, type Outcome } from '../shared/each-item';
import type { Log } from '../shared/log';
import { parseEvent, type PasswordChanged } from './event';
import { passwordChangedMail } from './mail';
import type { SentMails } from './sent-mails';

/** One mail takes that long at most: no other is begun when less is left. */
const RESERVE_MS = 8_000;

export interface SendMailsOptions {
  readonly ses: Pick<SESv2Client, 'send'>;
  readonly sentMails: SentMails;
  /** The verified address in `From`. */
  readonly from: string;
  readonly log: Log;
  /** Milliseconds that this invocation may still take. */
  readonly remainingMs: () => number;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

/**
 * Sends a mail for each change of a batch, one after the other. A mail may be sent twice, if its record is not written or
 * SES's answer is lost: better twice than not at all.
 */
export function sendMails(event: BatchEvent, options: SendMailsOptions): Promise<SQSBatchResponse> {
  return eachItem(event, (item) => sendOnce(item, options), { ...options, reserveMs: RESERVE_MS });
}

async function sendOnce({ id, body, traceparent }: BatchItem, options: SendMailsOptions): Promise<Outcome> {
  const { sentMails, log } = options;
  const event = parseEvent(body);
  if (!event) {
    log.error('malformed message', { itemId: id });
    return 'failed';
  }
  const { changeId } = event;
  try {
    if (await sentMails.has(changeId)) return 'done';
    const sesMessageId = await send(event, options);
    log.info('mail sent', { changeId, sesMessageId, traceparent });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    log.error('mail not sent', { changeId, ...error.fields });
    return OF_ONE_MAIL.includes(error.code) ? 'failed' : 'stop';
  }
  await remember(changeId, options);
  return 'done';
}

/**
 * SES refuses this mail, not every mail: its address or its content. Throttling, a paused account, a missing permission or
 * an outage meet the next mail too. https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors
 */
const OF_ONE_MAIL = ['MessageRejected', 'BadRequestException'];

async function send(event: PasswordChanged, { ses, from }: SendMailsOptions): Promise<string | undefined> {
  const { subject, text, html } = passwordChangedMail(event);
  const utf8 = (Data: string) => ({ Data, Charset: 'UTF-8' });
  const command = new SendEmailCommand({
    FromEmailAddress: from,
    Destination: { ToAddresses: [event.email] },
    Content: { Simple: { Subject: utf8(subject), Body: { Text: utf8(text), Html: utf8(html) } } },
  });
  const { MessageId } = await callAws('ses:SendEmail', ses.send(command));
  return MessageId;
}

/** The mail is on its way: reporting a failure now would send it again for certain. */
async function remember(
  changeId: string,
  { sentMails, log, now = Date.now }: SendMailsOptions,
): Promise<void> {
  try {
    await sentMails.add(changeId, now());
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    log.warn('sent mail not recorded', { changeId, ...error.fields });
  }
}
