import type { Mailbox } from '../../contracts';
import { ServiceError } from '../errors';
import type { Outcome } from './http-sender';
import type { Letter } from './letter';
import type { SubscriptionRecord } from './subscription';

const FROM = 'no-reply@sns.amazonaws.com';
const DEFAULT_NAME = 'AWS Notifications';

/** Puts mail to subscribers into the mailbox. Never rejects. */
export async function mail(
  mailbox: Mailbox | undefined,
  record: SubscriptionRecord,
  letter: Letter,
  displayName: string | undefined,
): Promise<Outcome> {
  if (!mailbox) return { kind: 'refused', reason: 'there is no mailbox' };
  try {
    const { messageId } = await mailbox.deliver({
      from: `"${nameOf(displayName)}" <${FROM}>`,
      to: [record.endpoint],
      subject: letter.subject ?? '',
      text: letter.body,
    });
    return { kind: 'done', answer: messageId };
  } catch (error) {
    const reason = (error as Error).message;
    return { kind: error instanceof ServiceError ? 'refused' : 'failed', reason };
  }
}

/** What a header can carry in quotes. */
function nameOf(displayName: string | undefined): string {
  const name = (displayName ?? '').replace(/[^\x20-\x7e]|["\\]/g, '').trim();
  return name === '' ? DEFAULT_NAME : name;
}
