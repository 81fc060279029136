import type { Aws } from '../clients';
import { isMessagingError, MessagingError, refuse } from '../errors';
import { encodedAddress } from './address';
import { addressList, mailErrors } from './mail-errors';
import type { Email, SentEmail } from './types';

/** E-mail through SES. */
export class Mail {
  constructor(private readonly aws: Aws) {}

  /**
   * Sends a mail, as text, HTML or both.
   * @throws MessagingError 'invalid'; 'denied' while SES has not verified who sends (or, in its sandbox, who receives)
   */
  async send(mail: Email): Promise<SentEmail> {
    refuse(mailErrors(mail));
    try {
      return await this.aws.attempt(`sending a mail from ${mail.from}`, async () => {
        const { MessageId } = await (await this.aws.ses()).sendEmail(input(mail));
        return { messageId: MessageId! };
      });
    } catch (error) {
      throw explained(error, await this.aws.region());
    }
  }
}

function input({ from, to, cc, bcc, replyTo, subject, text, html }: Email) {
  const list = (addresses: Email['to'] | undefined) => addressList(addresses).map(encodedAddress);
  const content = (Data: string | undefined) => (Data === undefined ? undefined : { Data, Charset: 'UTF-8' });
  return {
    FromEmailAddress: encodedAddress(from),
    Destination: { ToAddresses: list(to), CcAddresses: list(cc), BccAddresses: list(bcc) },
    ReplyToAddresses: list(replyTo),
    Content: {
      Simple: {
        Subject: { Data: subject, Charset: 'UTF-8' },
        Body: { Text: content(text), Html: content(html) },
      },
    },
  };
}

/** https://docs.aws.amazon.com/ses/latest/dg/creating-identities.html */
function explained(error: unknown, region: string): unknown {
  if (!isMessagingError(error) || !/not verified/i.test(error.message)) return error;
  return new MessagingError(
    'denied',
    `${error.message}. SES sends for addresses and domains that are verified in ${region} only: verify the identity there; ` +
      'while the account is in the sandbox, recipients have to be verified as well',
    { cause: error.cause },
  );
}
