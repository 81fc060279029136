import type { ApiIdentity, Authorized, HttpProxy, StageConfig, Throttle } from '../config';

/** An `aws_api_gateway_rest_api` with all that belongs to it. */
export interface RestApiConfig extends ApiIdentity {
  readonly resources: readonly RestResource[];
  readonly stages: readonly RestStage[];
  /** Types whose bodies are bytes, `image/png`; a star stands for any. */
  readonly binaryMediaTypes: readonly string[];
  /** By type: `DEFAULT_4XX`, `UNAUTHORIZED`. */
  readonly gatewayResponses: Readonly<Record<string, GatewayResponse>>;
  readonly apiKeys: readonly ApiKeyConfig[];
  /** Who says which API key a request has: its header, or the authorizer. */
  readonly apiKeySource: 'HEADER' | 'AUTHORIZER';
}

export interface RestStage extends StageConfig {
  readonly deploymentId: string;
}

export interface RestResource {
  readonly id: string;
  /** `/pets/{id}` */
  readonly path: string;
  /** `ANY /pets/{id}`: the path alone selects a resource. */
  readonly routeKey: string;
  readonly methods: readonly RestMethod[];
}

export interface RestMethod extends Authorized {
  /** `GET`, `ANY` */
  readonly method: string;
  readonly apiKeyRequired: boolean;
  readonly timeoutMs: number;
  readonly integration: RestIntegration;
  /** Why it is not served. */
  readonly problem?: string;
}

export type RestIntegration =
  | { readonly kind: 'proxy'; readonly functionArn: string }
  | { readonly kind: 'http'; readonly proxy: HttpProxy }
  /** The gateway answers itself. */
  | ({ readonly kind: 'mock' } & Mapped)
  /** The function gets what a template makes of the request. */
  | ({ readonly kind: 'custom'; readonly functionArn: string } & Mapped)
  | { readonly kind: 'none' };

export interface Mapped {
  /** By content type. */
  readonly requestTemplates: Readonly<Record<string, string>>;
  readonly responses: readonly IntegrationResponse[];
}

export interface IntegrationResponse {
  readonly status: number;
  /** Of the mock's status code, or the function's error; that without one is for everything else. */
  readonly selectionPattern: string | undefined;
  /** `method.response.header.X` -> `'text'`, `integration.response.header.Y`, `context.requestId` */
  readonly parameters: Readonly<Record<string, string>>;
  /** By content type. */
  readonly templates: Readonly<Record<string, string>>;
}

export interface GatewayResponse {
  readonly status: number | undefined;
  /** `gatewayresponse.header.X` -> `'text'` */
  readonly parameters: Readonly<Record<string, string>>;
  /** By content type. */
  readonly templates: Readonly<Record<string, string>>;
}

/** An API key with what its usage plans allow. */
export interface ApiKeyConfig {
  readonly id: string;
  readonly value: string;
  readonly plans: readonly UsagePlan[];
}

export interface UsagePlan {
  readonly id: string;
  /** Names of this API's stages. */
  readonly stages: readonly string[];
  readonly throttle: Throttle | undefined;
  readonly quota: { readonly limit: number; readonly period: 'DAY' | 'WEEK' | 'MONTH' } | undefined;
}
