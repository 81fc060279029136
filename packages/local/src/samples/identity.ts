import { hex, uuid } from './context';
import type { SampleContext } from './context';

/** What the events of a user pool have in common. @see https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html */
function trigger<S extends string, Q, P>(
  { region }: SampleContext,
  triggerSource: S,
  request: Q,
  response: P,
) {
  return {
    version: '1',
    region,
    userPoolId: `${region}_${hex(5)}`,
    userName: uuid(),
    callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId: hex(13) },
    triggerSource,
    request,
    response,
  };
}

const SIGNING_UP = { email: 'jane@example.com', name: 'Jane Doe' };
const CONFIRMED = { ...SIGNING_UP, sub: uuid(), email_verified: 'true', 'cognito:user_status': 'CONFIRMED' };

export function cognitoPreSignUp(context: SampleContext) {
  const request = { userAttributes: SIGNING_UP, validationData: {}, clientMetadata: {} };
  const response = { autoConfirmUser: false, autoVerifyEmail: false, autoVerifyPhone: false };
  return trigger(context, 'PreSignUp_SignUp', request, response);
}

export function cognitoPostConfirmation(context: SampleContext) {
  return trigger(context, 'PostConfirmation_ConfirmSignUp', { userAttributes: CONFIRMED }, {});
}

export function cognitoPreTokenGeneration(context: SampleContext) {
  const groups = { groupsToOverride: ['admins'], iamRolesToOverride: [], preferredRole: undefined };
  const request = { userAttributes: CONFIRMED, groupConfiguration: groups };
  return trigger(context, 'TokenGeneration_Authentication', request, { claimsOverrideDetails: {} });
}

export function cognitoPreAuthentication(context: SampleContext) {
  const request = { userAttributes: CONFIRMED, validationData: {}, userNotFound: false };
  return trigger(context, 'PreAuthentication_Authentication', request, {});
}

export function cognitoCustomMessage(context: SampleContext) {
  const request = {
    userAttributes: SIGNING_UP,
    codeParameter: '{####}',
    linkParameter: '{##Click Here##}',
    usernameParameter: null,
  };
  const response = { smsMessage: null, emailMessage: null, emailSubject: null };
  return trigger(context, 'CustomMessage_SignUp', request, response);
}
