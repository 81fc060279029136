import type { ConditionValues, Guard } from '../../contracts';
import type { Activity } from '../../engine/activity';
import type { Clock } from '../../clock';
import type { Authorizing } from '../caller';
import type { ApiIdentity } from '../config';
import type { ApiRequest } from '../request';
import type { SignedService } from '../sigv4';
import { verifySignature } from '../sigv4';

export interface SharedSecrets {
  /** The secret of an access key that may sign requests; undefined for unknown keys. */
  readonly secretOf: (accessKeyId: string) => string | undefined;
}

interface IamTools extends SharedSecrets {
  readonly guard: Guard;
  readonly activity: Activity;
  readonly clock: Clock;
}

/** What the one who signed wants to do. */
export interface SignedCall {
  readonly service: SignedService;
  /** All of them have to be allowed: `execute-api:Invoke`. */
  readonly actions: readonly string[];
  readonly resource: string;
  /** Values of the service's own condition keys. */
  readonly conditions?: () => ConditionValues;
}

const MISSING = { refusal: { kind: 'MISSING_AUTHENTICATION_TOKEN' } } as const;
const WRONG = {
  refusal: {
    kind: 'INVALID_SIGNATURE',
    message: 'The request signature we calculated does not match the signature you provided.',
  },
} as const;
const UNKNOWN_KEY = {
  refusal: {
    kind: 'INVALID_SIGNATURE',
    message: 'The security token included in the request is invalid.',
  },
} as const;

/** Lets signed requests pass whose signer's policies allow the call. */
export function authorizeIam(
  request: ApiRequest,
  { accountId }: ApiIdentity,
  call: SignedCall,
  { guard, activity, clock, secretOf }: IamTools,
): Authorizing {
  const signature = verifySignature(request, { service: call.service, secretOf, now: clock.now() });
  if (signature === 'unsigned') return MISSING;
  if (signature === 'wrong') return WRONG;
  if (signature === 'unknown key') return UNKNOWN_KEY;
  const { accessKeyId } = signature;
  const { actions, ...where } = call;
  for (const action of actions) {
    const verdict = guard.judge({ accessKeyId, action, ...where });
    if (verdict.kind === 'unreachable') {
      activity.warn('apigw', verdict.reason);
      return 'unreachable';
    }
    if (verdict.kind === 'deny') {
      activity.warn('apigw', verdict.message);
      return { refusal: { kind: 'ACCESS_DENIED', message: verdict.message } };
    }
  }
  const caller = guard.principal(accessKeyId);
  const name = caller.kind === 'developer' ? 'user/developer' : `assumed-role/${caller.functionName}`;
  const iam = {
    accessKey: accessKeyId,
    accountId,
    callerId: accessKeyId,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn: `arn:aws:iam::${accountId}:${name}`,
    userId: accessKeyId,
  };
  return { caller: { kind: 'iam', iam } };
}
