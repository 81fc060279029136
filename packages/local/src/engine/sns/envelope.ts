import type { Certificate, SignatureVersion, Signer } from './signer';

/** What an envelope says about its own signature. */
export interface SignatureFields {
  readonly SignatureVersion: SignatureVersion;
  readonly Signature: string;
  readonly SigningCertURL: string;
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message-verify-message-signature.html */
const SIGNED = [
  'Message',
  'MessageId',
  'SubscribeURL',
  'Subject',
  'Timestamp',
  'Token',
  'TopicArn',
  'Type',
] as const;

export type SignedFields = Partial<Record<(typeof SIGNED)[number], string>>;

/** The text that a signature is for: names and values of what is there, each on a line of its own. */
export function textToSign(fields: SignedFields): string {
  let text = '';
  for (const name of SIGNED) {
    if (fields[name] !== undefined) text += `${name}\n${fields[name]}\n`;
  }
  return text;
}

export async function signatureFields(
  signer: Signer,
  fields: SignedFields,
  version: SignatureVersion,
  endpointUrl: string,
): Promise<SignatureFields> {
  const [certificate, Signature] = await Promise.all([
    signer.certificate(),
    signer.sign(textToSign(fields), version),
  ]);
  return { SignatureVersion: version, Signature, SigningCertURL: certificateUrl(endpointUrl, certificate) };
}

function certificateUrl(endpointUrl: string, { fileName }: Certificate): string {
  return `${endpointUrl}/${fileName}`;
}

export function unsubscribeUrl(endpointUrl: string, subscriptionArn: string): string {
  return `${endpointUrl}/?Action=Unsubscribe&SubscriptionArn=${subscriptionArn}`;
}

export function confirmationUrl(endpointUrl: string, topicArn: string, token: string): string {
  return `${endpointUrl}/?Action=ConfirmSubscription&TopicArn=${topicArn}&Token=${token}`;
}
