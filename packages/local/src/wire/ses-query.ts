import type { Call, Input, Operations, Output } from './protocol';
import { optionalText, text, textList } from './protocol';
import { wrappedInput } from './query-decoder';
import { wrapped } from './query-output';
import { queryProtocol } from './query-protocol';
import { sesAccount } from './ses-context';
import { mailOf, sendingPermissions } from './ses-mail';

export const VERSION = '2010-12-01';

/** Operations of version 1 alone; its SendEmail becomes version 2's. */
export const sesQueryOperations: Operations = {
  SendRawEmail: { permissions: sendingPermissions, run: send },
  ListIdentities: { run: listIdentities },
  VerifyEmailIdentity: { run: verifyEmailIdentity },
};

const CODES: Readonly<Record<string, string>> = {
  AccessDeniedException: 'AccessDenied',
  BadRequestException: 'InvalidParameterValue',
  SendingPausedException: 'AccountSendingPausedException',
  UnknownOperationException: 'InvalidAction',
};

/** Version 1 of the API, whose requests to send are put as version 2 has them. */
export const sesQuery = queryProtocol({
  namespace: `http://ses.amazonaws.com/doc/${VERSION}/`,
  input: (tree) => sending(wrappedInput(tree)),
  output: wrapped,
  errorCode: (code) => CODES[code] ?? code,
});

function sending(input: Input): Input {
  const { Message, RawMessage, Source, Destinations, SourceArn, ...rest } = input;
  if (Message === undefined && RawMessage === undefined) return input;
  const named = { FromEmailAddress: Source, FromEmailAddressIdentityArn: SourceArn };
  if (RawMessage === undefined) return { ...rest, ...named, Content: { Simple: Message } };
  const ToAddresses = textList({ Destinations }, 'Destinations');
  return { ...rest, ...named, Destination: { ToAddresses }, Content: { Raw: RawMessage } };
}

async function send(input: Input, { context }: Call): Promise<Output> {
  const { messageId } = await sesAccount(context).send(mailOf(input));
  return { MessageId: messageId };
}

function listIdentities(input: Input, { context }: Call): Output {
  const type = optionalText(input, 'IdentityType');
  const wanted = type === 'EmailAddress' ? 'EMAIL_ADDRESS' : 'DOMAIN';
  const identities = sesAccount(context).list();
  return {
    Identities: identities
      .filter(({ kind }) => type === undefined || kind === wanted)
      .map(({ name }) => name),
  };
}

function verifyEmailIdentity(input: Input, { context }: Call): Output {
  sesAccount(context).add(text(input, 'EmailAddress'));
  return {};
}
