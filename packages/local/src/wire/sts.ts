import { assumedRoleOf, assumeRole } from './sts-assume-role';
import { ServiceError } from '../engine';
import type { Call, Operations, Output, Service } from './protocol';
import { text } from './protocol';
import { wrappedInput } from './query-decoder';
import { wrapped } from './query-output';
import { queryProtocol } from './query-protocol';
import { recognizesQuery } from './query-recognition';

const VERSION = '2011-06-15';

const operations: Operations = {
  GetCallerIdentity: { run: getCallerIdentity },
  AssumeRole: { resource: (input) => text(input, 'RoleArn'), run: assumeRole },
};

const CODES: Readonly<Record<string, string>> = {
  InvalidParameterValue: 'ValidationError',
  MissingParameter: 'ValidationError',
  UnknownOperationException: 'InvalidAction',
};

const query = queryProtocol({
  namespace: `https://sts.amazonaws.com/doc/${VERSION}/`,
  input: wrappedInput,
  output: wrapped,
  errorCode: (code) => CODES[code] ?? code,
});

export const sts: Service = {
  name: 'sts',
  recognizes: recognizesQuery(VERSION, operations),
  protocol: () => query,
  operations,
  denied: (message) => new ServiceError('AccessDenied', message, 403),
};

function getCallerIdentity(_input: unknown, { principal, context, request }: Call): Output {
  const { accountId } = context.broker.locale;
  if (principal.kind === 'function') {
    const { functionName } = principal;
    return {
      Arn: `arn:aws:sts::${accountId}:assumed-role/${functionName}/${functionName}`,
      UserId: `AROALOCAL:${functionName}`,
      Account: accountId,
    };
  }
  const assumed = assumedRoleOf(request);
  if (assumed) return { Arn: assumed.arn, UserId: assumed.id, Account: assumed.arn.split(':')[4] };
  return { Arn: `arn:aws:iam::${accountId}:root`, UserId: accountId, Account: accountId };
}
