import type { JsonObject } from '../synth';
import type { IamAuthorizer } from './config';

/** Whom a request comes from, once it has passed. */
export type Caller =
  | { readonly kind: 'anyone' }
  | { readonly kind: 'iam'; readonly iam: IamAuthorizer }
  | {
      readonly kind: 'lambda';
      readonly principalId: string | undefined;
      /** What the authorizer function passes on. */
      readonly context: JsonObject;
      /** The authorizer function's choice of an API key. */
      readonly usageIdentifierKey?: string;
      /** How long the authorizer took. */
      readonly latencyMs: number;
    }
  | {
      readonly kind: 'jwt';
      /** As API Gateway writes them. */
      readonly claims: Readonly<Record<string, string>>;
      readonly scopes: readonly string[] | null;
    };

export const ANYONE: Caller = { kind: 'anyone' };

/** Why a request does not pass; the words are those of REST APIs' gateway responses. */
export type RefusalKind =
  | 'UNAUTHORIZED'
  | 'ACCESS_DENIED'
  | 'AUTHORIZER_FAILURE'
  | 'AUTHORIZER_CONFIGURATION_ERROR'
  | 'MISSING_AUTHENTICATION_TOKEN'
  | 'INVALID_SIGNATURE';

export interface Refusal {
  readonly kind: RefusalKind;
  /** In place of the usual one. */
  readonly message?: string;
  /** Of JWT authorizers. */
  readonly wwwAuthenticate?: string;
}

/** Whether a request passes; `unreachable` leaves the client waiting. */
export type Authorizing = { readonly caller: Caller } | { readonly refusal: Refusal } | 'unreachable';
