import { ServiceError } from '../engine';
import { authOperations } from './cognito-idp-auth';
import { poolOperations } from './cognito-idp-pools';
import { userOperations } from './cognito-idp-users';
import { jsonProtocol, targetOf } from './json-protocol';
import type { Service } from './protocol';

const TARGET = 'AWSCognitoIdentityProviderService';

const CODES: Readonly<Record<string, string>> = {
  InvalidParameterValue: 'InvalidParameterException',
  MissingParameter: 'InvalidParameterException',
};

const json = jsonProtocol({ version: '1.1', target: TARGET });

/** Amazon Cognito user pools. What people do for themselves is not signed: whoever asks has a password or a token. */
export const cognitoIdp: Service = {
  name: 'cognito-idp',
  recognizes: (request) => targetOf(request, TARGET) !== undefined,
  protocol: () => ({
    ...json,
    error: (error, requestId) =>
      json.error(new ServiceError(CODES[error.code] ?? error.code, error.message, error.status), requestId),
  }),
  operations: { ...poolOperations, ...userOperations, ...authOperations },
  denied: (message) => new ServiceError('AccessDeniedException', message),
};
