import type { Json, JsonObject } from '../synth';
import type { HttpAnswer, ParameterMapping } from './config';
import type { EventContext } from './event';
import type { ApiRequest } from './request';
import { eachParameter, headerOf, hostOf, queryValueOf } from './request';

type Values = (name: string) => string | undefined;

/**
 * A request as an integration is to see it.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
 */
export function mapRequest(
  mapping: ParameterMapping,
  request: ApiRequest,
  context: Pick<EventContext, 'pathParameters' | 'stage' | 'api'>,
): ApiRequest {
  let { rawHeaders, path } = request;
  const query: [string, string][] = [];
  eachParameter(request.query, (name, value) => query.push([name, value]));
  let queries: readonly (readonly [string, string])[] = query;
  for (const [target, template] of Object.entries(mapping)) {
    const { action, place, name } = parseTarget(target);
    const value = resolved(template, (variable) => requestValue(variable, request, context));
    if (place === 'header') {
      rawHeaders = changedPairs(pairsOf(rawHeaders), action, name, value, true).flat();
    } else if (place === 'querystring') {
      queries = changedPairs(queries, action, name, value, false);
    } else if (place === 'path') {
      path = encodeURI(value);
    }
  }
  const changedQuery = new URLSearchParams(
    queries.map(([name, value]): [string, string] => [name, value]),
  ).toString();
  return { ...request, rawHeaders, path, query: changedQuery };
}

/** An integration's answer as the client is to see it. */
export function mapResponse(
  mapping: ParameterMapping,
  answer: HttpAnswer,
  { stage }: Pick<EventContext, 'stage'>,
): HttpAnswer {
  const headers: Record<string, string | readonly string[]> = { ...answer.headers };
  let { status } = answer;
  const read: Values = (variable) => {
    const header = /^response\.header\.(.+)$/.exec(variable)?.[1];
    if (header !== undefined) return headers[header.toLowerCase()]?.toString();
    return variable.startsWith('stageVariables.') ? stage.variables[variable.slice(15)] : undefined;
  };
  for (const [target, template] of Object.entries(mapping)) {
    const { action, place, name } = parseTarget(target);
    const value = resolved(template, read);
    const key = name.toLowerCase();
    const former = headers[key];
    if (place === 'statuscode') status = Number(value);
    else if (action === 'remove') delete headers[key];
    else headers[key] = action === 'append' && former !== undefined ? [former, value].flat() : value;
  }
  return { ...answer, status, headers };
}

/** `append:header.x-tenant` */
function parseTarget(target: string) {
  const [, action = '', place = '', name = ''] =
    /^(append|overwrite|remove):(header|querystring|path|statuscode)(?:\.(.+))?$/.exec(target) ?? [];
  return { action, place, name };
}

/** Variables stand alone (`$request.path`) or within text (`a-${request.path}`). */
function resolved(template: string, read: Values): string {
  const alone = /^\$([A-Za-z][\w.-]*)$/.exec(template)?.[1];
  return alone === undefined
    ? template.replace(/\$\{([^}]+)\}/g, (_, name: string) => read(name) ?? '')
    : (read(alone) ?? '');
}

function requestValue(
  variable: string,
  request: ApiRequest,
  { pathParameters, stage, api }: Pick<EventContext, 'pathParameters' | 'stage' | 'api'>,
): string | undefined {
  const [, from = '', name = ''] = /^([A-Za-z]+(?:\.[A-Za-z]+)?)(?:\.(.+))?$/.exec(variable) ?? [];
  switch (from) {
    case 'request.header':
      return headerOf(request, name);
    case 'request.querystring':
      return queryValueOf(request, name);
    case 'request.path':
      return name === '' ? request.path : pathParameters?.[name];
    case 'request.body':
      return bodyValue(request.body, name);
    case 'context.requestId':
      return request.requestId;
    case 'context.apiId':
      return api.id;
    case 'context.stage':
      return stage.name;
    case 'context.httpMethod':
      return request.method;
    case 'context.domainName':
      return hostOf(request);
    case 'context.identity':
      return name === 'sourceIp' ? request.sourceIp : undefined;
    default:
      return from.startsWith('stageVariables.') ? stage.variables[from.slice(15)] : undefined;
  }
}

/** A member of a JSON body, by names with dots between. */
function bodyValue(body: Buffer, path: string): string | undefined {
  try {
    let value = JSON.parse(body.toString()) as Json | undefined;
    for (const name of path.split('.').filter(Boolean)) {
      value = (value as JsonObject | undefined)?.[name];
    }
    return typeof value === 'string' || value === undefined ? value : JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function pairsOf(rawHeaders: readonly string[]): [string, string][] {
  return rawHeaders.flatMap((name, index): [string, string][] =>
    index % 2 === 0 ? [[name, rawHeaders[index + 1]!]] : [],
  );
}

function changedPairs(
  pairs: readonly (readonly [string, string])[],
  action: string,
  name: string,
  value: string,
  ignoreCase: boolean,
): (readonly [string, string])[] {
  const isOther = ([key]: readonly [string, string]) =>
    ignoreCase ? key.toLowerCase() !== name.toLowerCase() : key !== name;
  const kept = action === 'append' ? pairs : pairs.filter(isOther);
  return action === 'remove' ? [...kept] : [...kept, [name, value]];
}
