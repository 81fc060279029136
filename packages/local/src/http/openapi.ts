import type { Json, JsonObject, Resolver, Resource } from '../synth';
import type { AuthorizerConfig } from './authorizers/config';
import { parseIdentitySource } from './authorizers/config';
import type { Authorization, Authorized, PayloadFormat, RouteConfig, StageConfig } from './config';
import { authorizerProblem, functionOf, routeProblem } from './stack-parts';

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
const ANY = 'x-amazon-apigateway-any-method';
const INTEGRATION = 'x-amazon-apigateway-integration';
const DEFAULT_TIMEOUT_MS = 30_000;

/** An operation of an OpenAPI document, with what API Gateway's extensions say about it. */
export interface Operation {
  /** `GET`, `ANY` */
  readonly method: string;
  readonly path: string;
  readonly operation: JsonObject;
  readonly integration: JsonObject | undefined;
}

/** The `body` of an API: an OpenAPI document in JSON; undefined where there is none. */
export function openApiOf(api: Resource): JsonObject | undefined {
  const body = api.optionalText('body');
  try {
    return body === undefined ? undefined : (JSON.parse(body) as JsonObject);
  } catch {
    return undefined;
  }
}

export function operationsOf(document: JsonObject): Operation[] {
  return Object.entries(objectOf(document.paths)).flatMap(([path, item]) =>
    Object.entries(objectOf(item)).flatMap(([name, value]) => {
      const method = name === ANY ? 'ANY' : METHODS.includes(name) ? name.toUpperCase() : undefined;
      const operation = objectOf(value);
      const integration = operation[INTEGRATION];
      return method === undefined
        ? []
        : [
            {
              method,
              path,
              operation,
              integration: integration === undefined ? undefined : objectOf(integration),
            },
          ];
    }),
  );
}

/** The routes of an HTTP API that its OpenAPI document declares. */
export function openApiRoutes(
  api: Resource,
  stages: readonly StageConfig[],
  resolver: Resolver,
): RouteConfig[] {
  const document = openApiOf(api);
  if (document === undefined) {
    return [];
  }
  return operationsOf(document).map(({ method, path, operation, integration }) => {
    const routeKey = path === '/$default' ? '$default' : `${method} ${path}`;
    const { type, uri, credentials } = integration ?? {};
    const isHttp = type === 'HTTP_PROXY' || type === 'http_proxy';
    const functionArn = isHttp ? '' : functionOf(textOf(uri));
    const roleArn = credentials === undefined ? undefined : textOf(credentials);
    return {
      routeKey,
      functionArn,
      ...securityOf(operation, document, (id, scheme) => httpAuthorizerOf(id, scheme, api, resolver)),
      timeoutMs: Number(integration?.timeoutInMillis ?? DEFAULT_TIMEOUT_MS),
      payloadFormat: textOf(integration?.payloadFormatVersion ?? '1.0') as PayloadFormat,
      ...(isHttp && { proxy: { uri: textOf(uri), method: textOf(integration?.httpMethod ?? 'ANY') } }),
      problem:
        integration === undefined
          ? 'the route has no integration'
          : isHttp
            ? undefined
            : routeProblem({ routeKey, functionArn, roleArn }, api, stages, resolver),
    };
  });
}

/** What the `security` of an operation, or of the whole document, asks for. */
export function securityOf(
  operation: JsonObject,
  document: JsonObject,
  read: (id: string, scheme: JsonObject) => AuthorizerConfig | undefined,
): Authorized {
  const [first] = listOf(operation.security ?? document.security).map(objectOf);
  const [name, scopes] = Object.entries(first ?? {}).find(([each]) => each !== 'api_key') ?? [];
  if (name === undefined) {
    return { authorization: 'NONE' };
  }
  const schemes = objectOf(objectOf(document.components).securitySchemes ?? document.securityDefinitions);
  const scheme = objectOf(schemes[name]);
  if (scheme['x-amazon-apigateway-authtype'] === 'awsSigv4') {
    return { authorization: 'AWS_IAM' };
  }
  const authorizer = read(name, scheme);
  const authorization: Authorization = authorizer?.kind === 'jwt' ? 'JWT' : 'CUSTOM';
  return { authorization, authorizer, scopes: listOf(scopes).map(textOf) };
}

function httpAuthorizerOf(
  id: string,
  scheme: JsonObject,
  api: Resource,
  resolver: Resolver,
): AuthorizerConfig | undefined {
  const settings = objectOf(scheme['x-amazon-apigateway-authorizer']);
  const source = textOf(settings.identitySource ?? '$request.header.Authorization');
  const sources = source.split(',').flatMap((text) => parseIdentitySource(text) ?? []);
  if (settings.type === 'jwt') {
    const jwt = objectOf(settings.jwtConfiguration);
    const identitySource = sources[0] ?? { from: 'header', name: 'Authorization' };
    const audience = listOf(jwt.audience).map(textOf);
    return { kind: 'jwt', id, issuers: [textOf(jwt.issuer)], audience, identitySource, style: 'http' };
  }
  if (settings.authorizerUri === undefined) {
    return undefined;
  }
  return {
    kind: 'lambda',
    id,
    ...calledBy(settings, id, api, resolver),
    event: textOf(settings.authorizerPayloadFormatVersion ?? '1.0') === '2.0' ? 'http-2.0' : 'http-1.0',
    simpleResponses: settings.enableSimpleResponses === true,
    identitySources: sources,
    cacheSeconds: Number(settings.authorizerResultTtlInSeconds ?? 300),
  };
}

/** The function of an authorizer, and why it may not be called. */
export function calledBy(settings: JsonObject, name: string, api: Resource, resolver: Resolver) {
  const functionArn = functionOf(textOf(settings.authorizerUri));
  const role = settings.authorizerCredentials;
  const roleArn = role === undefined ? undefined : textOf(role);
  // The id is AWS's to draw: only a permission for every authorizer can name it.
  const problem = authorizerProblem({ id: name, name, functionArn, roleArn }, api, resolver);
  return { functionArn, problem };
}

export function objectOf(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

export function textOf(value: Json | undefined): string {
  return typeof value === 'string'
    ? value
    : value === undefined || value === null
      ? ''
      : JSON.stringify(value);
}
