import { createHash } from 'node:crypto';
import type { JsonObject, Resolver, Resource } from '../../synth';
import type { AuthorizerConfig } from '../authorizers/config';
import { parseIdentitySource } from '../authorizers/config';
import { userPoolIssuer } from '../authorizers/from-stack';
import { calledBy, listOf, objectOf, openApiOf, operationsOf, securityOf, textOf } from '../openapi';
import type { Operation } from '../openapi';
import { functionOf } from '../stack-parts';
import type { IntegrationResponse, RestIntegration, RestMethod, RestResource, RestStage } from './config';
import { methodProblem } from './permission';
import type { MethodPlace } from './permission';

const DEFAULT_TIMEOUT_MS = 29_000;

/** The resources that a REST API's OpenAPI document declares, beside those that the stack declares itself. */
export function restOpenApi(
  api: Resource,
  stages: readonly RestStage[],
  resolver: Resolver,
  declared: readonly RestResource[],
): RestResource[] {
  const document = openApiOf(api);
  if (document === undefined) {
    return [];
  }
  const operations = operationsOf(document);
  const taken = new Set(declared.filter(({ methods }) => methods.length > 0).map(({ path }) => path));
  return [...new Set(operations.map(({ path }) => path))]
    .filter((path) => !taken.has(path))
    .map((path) => ({
      id: createHash('sha256').update(`${api.address} ${path}`).digest('hex').slice(0, 6),
      path,
      routeKey: `ANY ${path}`,
      methods: operations
        .filter((operation) => operation.path === path)
        .map((operation) => methodOf(operation, document, { api, stages, resolver })),
    }));
}

function methodOf(
  { method, path, operation, integration: settings }: Operation,
  document: JsonObject,
  place: MethodPlace,
): RestMethod {
  const integration = integrationOf(settings);
  const role = settings?.credentials === undefined ? undefined : textOf(settings.credentials);
  const needsKey = listOf(operation.security ?? document.security).some(
    (each) => 'api_key' in objectOf(each),
  );
  return {
    method,
    ...securityOf(operation, document, (id, scheme) => authorizerOf(id, scheme, place)),
    apiKeyRequired: needsKey,
    timeoutMs: Number(settings?.timeoutInMillis ?? DEFAULT_TIMEOUT_MS),
    integration,
    problem:
      integration.kind === 'none'
        ? 'the method has no integration that is hosted here'
        : methodProblem(integration, role, `${method}${path}`, place),
  };
}

function integrationOf(settings: JsonObject | undefined): RestIntegration {
  const type = textOf(settings?.type).toUpperCase();
  const uri = textOf(settings?.uri);
  if (type === 'AWS_PROXY') return { kind: 'proxy', functionArn: functionOf(uri) };
  if (type === 'HTTP_PROXY') {
    return { kind: 'http', proxy: { uri, method: textOf(settings?.httpMethod ?? 'ANY') } };
  }
  if (type !== 'MOCK') return { kind: 'none' };
  return {
    kind: 'mock',
    requestTemplates: textsOf(objectOf(settings?.requestTemplates)),
    responses: Object.entries(objectOf(settings?.responses)).map(([pattern, response]) =>
      responseOf(pattern, objectOf(response)),
    ),
  };
}

function responseOf(pattern: string, response: JsonObject): IntegrationResponse {
  return {
    status: Number(response.statusCode),
    selectionPattern: pattern === 'default' ? undefined : pattern,
    parameters: textsOf(objectOf(response.responseParameters)),
    templates: textsOf(objectOf(response.responseTemplates)),
  };
}

function authorizerOf(
  id: string,
  scheme: JsonObject,
  { api, resolver }: MethodPlace,
): AuthorizerConfig | undefined {
  const settings = objectOf(scheme['x-amazon-apigateway-authorizer']);
  const header = { from: 'header', name: textOf(scheme.name ?? 'Authorization') } as const;
  if (settings.type === 'cognito_user_pools') {
    const issuers = listOf(settings.providerARNs).map((arn) => userPoolIssuer(textOf(arn)));
    return { kind: 'jwt', id, issuers, identitySource: header, style: 'rest' };
  }
  if (settings.authorizerUri === undefined) {
    return undefined;
  }
  const given = textOf(settings.identitySource);
  const sources = given.split(',').flatMap((text) => parseIdentitySource(text) ?? []);
  return {
    kind: 'lambda',
    id,
    ...calledBy(settings, id, api, resolver),
    event: settings.type === 'request' ? 'rest-request' : 'rest-token',
    simpleResponses: false,
    identitySources: settings.type === 'request' ? sources : [header],
    cacheSeconds: Number(settings.authorizerResultTtlInSeconds ?? 300),
  };
}

function textsOf(object: JsonObject): Record<string, string> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, textOf(value)]));
}
