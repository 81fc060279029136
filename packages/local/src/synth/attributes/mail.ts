import type { Attribute, Attributes } from './types';
import { arn, drawnId, same } from './types';

const identity = (argument: string): Attributes => ({
  id: same(argument),
  arn: arn('ses', (resource) => `identity/${resource.text(argument)}`),
});

const isAddress: Attribute = (resource) => resource.text('email_identity').includes('@');

/** Senders' identities. */
export const mail: Readonly<Record<string, Attributes>> = {
  aws_sesv2_email_identity: {
    ...identity('email_identity'),
    identity_type: (resource, resolver) => (isAddress(resource, resolver) ? 'EMAIL_ADDRESS' : 'DOMAIN'),
    verified_for_sending_status: () => true,
  },
  aws_ses_email_identity: identity('email'),
  aws_ses_domain_identity: {
    ...identity('domain'),
    verification_token: (resource) => drawnId(resource.address, 44),
  },
};
