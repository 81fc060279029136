import type { InvocationResult } from '../../contracts';
import { decide, parsePolicy } from '../../iam';
import type { Statement } from '../../iam';
import type { JsonObject } from '../../synth';
import type { Refusal } from '../caller';
import type { LambdaAuthorizerConfig } from './config';

/** What an authorizer function says about an identity. */
export interface Opinion {
  readonly principalId: string | undefined;
  readonly context: JsonObject;
  readonly usageIdentifierKey?: string;
  readonly allows: boolean | readonly Statement[];
}

interface RawAnswer {
  readonly isAuthorized?: unknown;
  readonly principalId?: unknown;
  readonly policyDocument?: unknown;
  readonly context?: unknown;
  readonly usageIdentifierKey?: unknown;
}

const MISCONFIGURED: Refusal = { kind: 'AUTHORIZER_CONFIGURATION_ERROR' };

/** The function's opinion, or why there is none. */
export function opinionOf(
  result: InvocationResult,
  { simpleResponses, event }: LambdaAuthorizerConfig,
): Opinion | Refusal {
  const answer = JSON.parse(result.payload === '' ? 'null' : result.payload) as RawAnswer | null;
  if (result.functionError !== undefined) {
    // A function refuses a request by throwing an error of exactly this text.
    const { errorMessage } = (answer ?? {}) as { readonly errorMessage?: unknown };
    return { kind: errorMessage === 'Unauthorized' ? 'UNAUTHORIZED' : 'AUTHORIZER_FAILURE' };
  }
  if (typeof answer !== 'object' || answer === null) {
    return MISCONFIGURED;
  }
  const context = contextOf(answer.context, event.startsWith('rest'));
  if (context === undefined) {
    return MISCONFIGURED;
  }
  if (simpleResponses) {
    const { isAuthorized } = answer;
    return typeof isAuthorized === 'boolean'
      ? { principalId: undefined, context, allows: isAuthorized }
      : MISCONFIGURED;
  }
  return policyOpinion(answer, context);
}

function policyOpinion(answer: RawAnswer, context: JsonObject): Opinion | Refusal {
  const { principalId, policyDocument, usageIdentifierKey } = answer;
  if (typeof principalId !== 'string' || typeof policyDocument !== 'object' || policyDocument === null) {
    return MISCONFIGURED;
  }
  return {
    principalId,
    context,
    usageIdentifierKey: typeof usageIdentifierKey === 'string' ? usageIdentifierKey : undefined,
    allows: parsePolicy(JSON.stringify(policyDocument), 'the policy of an authorizer'),
  };
}

/** REST APIs take texts, numbers and booleans, and pass all of them on as texts; undefined where there is anything else. */
function contextOf(context: unknown, isRest: boolean): JsonObject | undefined {
  if (context === undefined || context === null) return {};
  if (typeof context !== 'object' || Array.isArray(context)) return undefined;
  if (!isRest) return context as JsonObject;
  const texts: Record<string, string | null> = {};
  for (const [name, value] of Object.entries(context as JsonObject)) {
    if (typeof value === 'object' && value !== null) return undefined;
    texts[name] = value === null ? null : String(value);
  }
  return texts;
}

/** Whether a request passes by an opinion, which may be one that was cached for another request of the same identity. */
export function refusalBy(opinion: Opinion, methodArn: string, sourceIp: string): Refusal | undefined {
  const { allows } = opinion;
  if (typeof allows === 'boolean') {
    return allows ? undefined : { kind: 'ACCESS_DENIED' };
  }
  const decision = decide(allows, {
    action: 'execute-api:Invoke',
    resource: methodArn,
    context: new Map([['aws:sourceip', sourceIp]]),
  });
  if (decision === 'allow') return undefined;
  const words = 'User is not authorized to access this resource';
  return {
    kind: 'ACCESS_DENIED',
    message: decision === 'explicit-deny' ? `${words} with an explicit deny` : words,
  };
}
