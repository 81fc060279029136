import type { ApiRequest } from '../request';
import { headerOf, hostOf, queryValueOf } from '../request';
import type { RestContext } from './event';

/** What templates of integrations read. */
export interface TemplateInput {
  /** `$input.body` */
  readonly body: string;
  readonly request: ApiRequest;
  readonly context: RestContext;
}

const VARIABLE =
  /\$input\.body|\$input\.json\('([^']*)'\)|\$input\.params\('([^']*)'\)|\$context\.([A-Za-z]+(?:\.[A-Za-z]+)*)|\$stageVariables\.(\w+)/g;

/** Whether a template keeps to what is rendered here: text with variables, no directives of the template language. */
export function isPlain(template: string): boolean {
  const rest = template.replace(VARIABLE, '');
  return !/#(?:set|if|foreach|end|else|macro|##)/.test(rest) && !/\$\{?[A-Za-z]/.test(rest);
}

/** A template with the values of its variables. */
export function render(template: string, { body, request, context }: TemplateInput): string {
  return template.replace(
    VARIABLE,
    (whole, path?: string, parameter?: string, variable?: string, stageVariable?: string) => {
      if (path !== undefined) return JSON.stringify(valueAt(body, path) ?? '');
      if (parameter !== undefined) return parameterOf(parameter, request, context) ?? '';
      if (variable !== undefined) return contextOf(variable, request, context) ?? '';
      if (stageVariable !== undefined) return context.stage.variables[stageVariable] ?? '';
      return whole === '$input.body' ? body : '';
    },
  );
}

/** A path's, a query's or a header's value, in that order. */
function parameterOf(name: string, request: ApiRequest, { pathParameters }: RestContext): string | undefined {
  return pathParameters?.[name] ?? queryValueOf(request, name) ?? headerOf(request, name);
}

/** `$.a.b`, `$` */
function valueAt(body: string, path: string): unknown {
  let value: unknown;
  try {
    value = body === '' ? undefined : JSON.parse(body);
  } catch {
    value = body;
  }
  for (const name of path
    .replace(/^\$\.?/, '')
    .split('.')
    .filter(Boolean)) {
    value = (value as Record<string, unknown> | undefined)?.[name];
  }
  return value;
}

/** `context.` variables of templates and response parameters. */
export function contextOf(
  name: string,
  request: ApiRequest,
  { api, stage, resource }: RestContext,
): string | undefined {
  const values: Readonly<Record<string, string | undefined>> = {
    accountId: api.accountId,
    apiId: api.id,
    domainName: hostOf(request),
    httpMethod: request.method,
    'identity.sourceIp': request.sourceIp,
    'identity.userAgent': headerOf(request, 'user-agent'),
    path: request.fullPath,
    protocol: request.protocol,
    requestId: request.requestId,
    requestTimeEpoch: String(request.receivedAt),
    resourceId: resource.id,
    resourcePath: resource.path,
    stage: stage.name,
  };
  return values[name];
}
