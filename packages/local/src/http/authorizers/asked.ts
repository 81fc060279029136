import type { JsonObject } from '../../synth';
import type { ApiIdentity, Authorized, StageConfig } from '../config';
import type { ApiRequest } from '../request';
import type { AuthorizerEvent } from './config';

/** A request about which an authorizer is asked. */
export interface Asked {
  readonly request: ApiRequest;
  readonly api: ApiIdentity;
  readonly stage: Pick<StageConfig, 'name' | 'variables'>;
  readonly routeKey: string;
  readonly by: Authorized;
  /** What an authorizer function gets, without `type`, the ARN of the method and the identity. */
  readonly event: (kind: AuthorizerEvent) => JsonObject;
}

/** `arn:aws:execute-api:<region>:<account>:<api>/<stage>/<method>/<path>`, by which policies name a request. */
export function methodArn({ api, stage, request }: Omit<Asked, 'by' | 'event' | 'routeKey'>): string {
  const { accountId, id, region } = api;
  return `arn:aws:execute-api:${region}:${accountId}:${id}/${stage.name}/${request.method}${request.path}`;
}
