export interface Email {
  /** `address` or `Name <address>`, of an identity that SES has verified. */
  readonly from: string;
  /** Up to 50 addresses together with `cc` and `bcc`. */
  readonly to: string | readonly string[];
  readonly cc?: string | readonly string[];
  readonly bcc?: string | readonly string[];
  readonly replyTo?: string | readonly string[];
  readonly subject: string;
  /** At least one of `text` and `html`. */
  readonly text?: string;
  readonly html?: string;
}

export interface SentEmail {
  readonly messageId: string;
}
