import { ServiceError } from '../engine';
import type { Identity, SesAccount } from '../mail';
import { page } from './paging';
import type { Call, Input, Operation, Operations, Output, Service, WireRequest } from './protocol';
import { optionalInteger, optionalText, text } from './protocol';
import { restProtocol } from './rest-protocol';
import { sesAccount } from './ses-context';
import { mailOf, sendingPermissions } from './ses-mail';
import { sesQuery, sesQueryOperations, VERSION } from './ses-query';
import { recognizesQuery } from './query-recognition';

const MAX_PAGE = 1000;
const IDENTITY = /^[^@\s]+@[^@\s]+$|^[A-Za-z0-9.-]+$/;
// https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas.html: enough never to be reached here.
const QUOTA = { Max24HourSend: 50_000, MaxSendRate: 14, SentLast24Hours: 0 };

const onIdentity = (run: Operation['run']): Operation => ({
  resource: (input, context) => sesAccount(context).arn(text(input, 'EmailIdentity')),
  run,
});

const operations: Operations = {
  SendEmail: { permissions: sendingPermissions, run: sendEmail },
  CreateEmailIdentity: onIdentity(createEmailIdentity),
  GetEmailIdentity: onIdentity((input, call) => describe(identityOf(input, call), call)),
  DeleteEmailIdentity: onIdentity(deleteEmailIdentity),
  ListEmailIdentities: { run: listEmailIdentities },
  GetAccount: { run: (_, call) => getAccount(account(call)) },
  PutAccountSendingAttributes: { run: putAccountSendingAttributes },
  PutSuppressedDestination: { run: putSuppressedDestination },
  DeleteSuppressedDestination: { run: deleteSuppressedDestination },
  ListSuppressedDestinations: { run: listSuppressedDestinations },
  ...sesQueryOperations,
};

const rest = restProtocol([
  { operation: 'SendEmail', method: 'POST', path: '/v2/email/outbound-emails' },
  { operation: 'CreateEmailIdentity', method: 'POST', path: '/v2/email/identities' },
  { operation: 'ListEmailIdentities', method: 'GET', path: '/v2/email/identities' },
  // What newer SDKs call instead.
  { operation: 'ListEmailIdentities', method: 'POST', path: '/v2/email/list-identities' },
  { operation: 'GetEmailIdentity', method: 'GET', path: '/v2/email/identities/{EmailIdentity}' },
  { operation: 'DeleteEmailIdentity', method: 'DELETE', path: '/v2/email/identities/{EmailIdentity}' },
  { operation: 'GetAccount', method: 'GET', path: '/v2/email/account' },
  { operation: 'PutAccountSendingAttributes', method: 'PUT', path: '/v2/email/account/sending' },
  { operation: 'PutSuppressedDestination', method: 'PUT', path: '/v2/email/suppression/addresses' },
  { operation: 'ListSuppressedDestinations', method: 'GET', path: '/v2/email/suppression/addresses' },
  {
    operation: 'DeleteSuppressedDestination',
    method: 'DELETE',
    path: '/v2/email/suppression/addresses/{EmailAddress}',
  },
]);

const CODES: Readonly<Record<string, string>> = {
  MissingParameter: 'BadRequestException',
  InvalidParameterValue: 'BadRequestException',
};

const v2 = {
  ...rest,
  error: (error: ServiceError, requestId: string) =>
    rest.error(new ServiceError(CODES[error.code] ?? error.code, error.message, error.status), requestId),
};

const recognizesV1 = recognizesQuery(VERSION, sesQueryOperations);
const isV2 = (request: WireRequest) => request.path.startsWith('/v2/email/');

/** Amazon SES: version 2 of its API in REST, and sending by version 1 in the Query protocol. */
export const ses: Service = {
  name: 'ses',
  recognizes: (request) => isV2(request) || recognizesV1(request),
  protocol: (request) => (isV2(request) ? v2 : sesQuery),
  operations,
  denied: (message) => new ServiceError('AccessDeniedException', message, 403),
};

function account({ context }: Call): SesAccount {
  return sesAccount(context);
}

async function sendEmail(input: Input, call: Call): Promise<Output> {
  const { messageId } = await account(call).send(mailOf(input));
  return { MessageId: messageId };
}

function createEmailIdentity(input: Input, call: Call): Output {
  const name = text(input, 'EmailIdentity');
  if (!IDENTITY.test(name) || name.length > 320) {
    throw new ServiceError('BadRequestException', `Invalid email address or domain: ${name.slice(0, 320)}`);
  }
  if (account(call).find(name)) {
    throw new ServiceError('AlreadyExistsException', `Email identity ${name} already exist.`);
  }
  const { kind } = account(call).add(name);
  return { IdentityType: kind, VerifiedForSendingStatus: true };
}

function deleteEmailIdentity(input: Input, call: Call): Output {
  account(call).remove(identityOf(input, call).name);
  return {};
}

function listEmailIdentities(input: Input, call: Call): Output {
  const size = optionalInteger(input, 'PageSize', 1, MAX_PAGE) ?? MAX_PAGE;
  const token = optionalText(input, 'NextToken');
  const { items, nextToken } = page(account(call).list(), size, token, 'BadRequestException');
  return {
    EmailIdentities: items.map(({ name, kind }) => ({
      IdentityName: name,
      IdentityType: kind,
      SendingEnabled: true,
      VerificationStatus: 'SUCCESS',
    })),
    NextToken: nextToken,
  };
}

function identityOf(input: Input, call: Call): Identity {
  const name = text(input, 'EmailIdentity');
  const identity = account(call).find(name);
  if (identity) return identity;
  throw new ServiceError('NotFoundException', `Email identity ${name} does not exist.`, 404);
}

function describe({ kind }: Identity, call: Call): Output {
  return {
    IdentityType: kind,
    FeedbackForwardingStatus: true,
    VerifiedForSendingStatus: account(call).sendingEnabled,
    VerificationStatus: 'SUCCESS',
    DkimAttributes: { SigningEnabled: false, Status: 'NOT_STARTED', SigningAttributesOrigin: 'AWS_SES' },
    MailFromAttributes: { BehaviorOnMxFailure: 'USE_DEFAULT_VALUE' },
    Policies: {},
    Tags: [],
  };
}

function getAccount({ sendingEnabled }: SesAccount): Output {
  return {
    DedicatedIpAutoWarmupEnabled: false,
    EnforcementStatus: 'HEALTHY',
    ProductionAccessEnabled: true,
    SendQuota: QUOTA,
    SendingEnabled: sendingEnabled,
    SuppressionAttributes: { SuppressedReasons: ['BOUNCE', 'COMPLAINT'] },
  };
}

function putAccountSendingAttributes(input: Input, call: Call): Output {
  account(call).sendingEnabled = input.SendingEnabled === true;
  return {};
}

function putSuppressedDestination(input: Input, call: Call): Output {
  const reason = text(input, 'Reason');
  if (reason !== 'BOUNCE' && reason !== 'COMPLAINT') {
    throw new ServiceError('BadRequestException', 'Reason must be BOUNCE or COMPLAINT.');
  }
  account(call).suppressed.set(text(input, 'EmailAddress').toLowerCase(), reason);
  return {};
}

function deleteSuppressedDestination(input: Input, call: Call): Output {
  const address = text(input, 'EmailAddress').toLowerCase();
  if (account(call).suppressed.delete(address)) return {};
  const reason = `Email address ${address} does not exist on your suppression list.`;
  throw new ServiceError('NotFoundException', reason, 404);
}

function listSuppressedDestinations(input: Input, call: Call): Output {
  const size = optionalInteger(input, 'PageSize', 1, MAX_PAGE) ?? MAX_PAGE;
  const all = [...account(call).suppressed].map(([EmailAddress, Reason]) => ({
    EmailAddress,
    Reason,
    LastUpdateTime: 0,
  }));
  const { items, nextToken } = page(all, size, optionalText(input, 'NextToken'), 'BadRequestException');
  return { SuppressedDestinationSummaries: items, NextToken: nextToken };
}
