import { SESv2Client } from '@aws-sdk/client-sesv2';
import type { Context, SQSBatchResponse } from 'aws-lambda';
import { clientConfig } from '../shared/aws';
import type { BatchEvent } from '../shared/batch';
import { required } from '../shared/environment';
import { createLog } from '../shared/log';
import { createDynamoDb } from '../shared/clients';
import { sendMails } from './send-mails';
import { SentMails } from './sent-mails';

const sentMails = new SentMails(createDynamoDb(), required(process.env, 'MAILS_TABLE'));
const from = required(process.env, 'MAIL_FROM');
const ses = new SESv2Client({
  ...clientConfig('SESV2'),
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
});

/**
 * Sends mails for changes from the queue.
 *
 * Calls on the table MAILS_TABLE: dynamodb:GetItem, PutItem; on the identity of MAIL_FROM: ses:SendEmail.
 */
export function handler(event: BatchEvent, context: Context): Promise<SQSBatchResponse> {
  return sendMails(event, {
    ses,
    sentMails,
    from,
    log: createLog(context.awsRequestId),
    remainingMs: () => context.getRemainingTimeInMillis(),
  });
}
