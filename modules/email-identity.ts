import { Sesv2EmailIdentity } from '@cdktf/provider-aws/lib/sesv2-email-identity';
import type { Sesv2EmailIdentityConfig } from '@cdktf/provider-aws/lib/sesv2-email-identity';
import { Construct } from 'constructs';
import { Account } from './account';
import type { LambdaFunction } from './function';
import { areKnown, requireMatch, requireThat } from './validate';

export interface EmailIdentityProps {
  /**
   * A domain, which is verified by three DNS records (`dkimTokens`), or one address, which is verified by the link in a
   * mail to it. Nothing can be sent before that.
   */
  readonly identity: string;
  /** Attributes of the resource that are set otherwise than here. @default none */
  readonly overrides?: Partial<Sesv2EmailIdentityConfig>;
}

/**
 * A domain or an address that mail may be sent from by SES. A new account is in SES's sandbox: it sends 200 mails a day, and
 * only to verified addresses, until AWS is asked to lift that.
 *
 * Emits aws_sesv2_email_identity. 0.10 USD a thousand mails.
 *
 * @example
 * const mail = new EmailIdentity(scope, 'mail', { identity: 'example.com' });
 * mail.grantSend(fn, 'no-reply@example.com');
 */
export class EmailIdentity extends Construct {
  readonly identity: Sesv2EmailIdentity;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: EmailIdentityProps,
  ) {
    super(scope, id);
    const rule = 'a domain or a mail address is needed';
    requireMatch(this, 'identity', props.identity, /^([^@\s]+@)?([a-z0-9-]+\.)+[a-z0-9-]{2,}$/i, rule);
    this.identity = new Sesv2EmailIdentity(this, 'identity', {
      emailIdentity: props.identity,
      ...props.overrides,
    });
  }

  get arn(): string {
    return this.identity.arn;
  }

  /**
   * A domain's DNS records are CNAMEs `<token>._domainkey.<domain>` to `<token>.dkim.amazonses.com`.
   * @throws Error for an address, which has none
   */
  get dkimTokens(): string[] {
    const { identity } = this.props;
    requireThat(
      this,
      !identity.includes('@'),
      'identity',
      identity,
      'an address is verified by a mail, not by DNS',
    );
    return this.identity.dkimSigningAttributes.tokens;
  }

  /**
   * Lets the function's code send mails from this one address.
   *
   * The condition, not the resource, says which: SES judges by the address's own identity where it has one beside its domain's, and
   * in its sandbox by the recipient's identity, too.
   *
   * @throws Error unless the address is the identity, or of its domain
   */
  grantSend(fn: LambdaFunction, from: string): void {
    const { identity } = this.props;
    const matches = identity.includes('@') ? from === identity : from.endsWith(`@${identity}`);
    requireThat(this, matches || !areKnown(identity), 'from', from, `the identity is ${identity}`);
    fn.grant({
      sid: 'SendMail',
      actions: ['ses:SendEmail'],
      resources: [Account.of(this).arn('ses', 'identity/*')],
      condition: { StringEquals: { 'ses:FromAddress': [from] } },
    });
  }
}
