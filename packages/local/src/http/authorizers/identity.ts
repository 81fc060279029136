import type { IdentitySource } from './config';
import type { Asked } from './asked';
import { headerOf, hostOf, queryValueOf } from '../request';

/** The value of an identity source; undefined where the request does not have it. @throws URIError */
export function identityValue({ from, name }: IdentitySource, asked: Asked): string | undefined {
  const value = read(from, name, asked);
  return value === '' ? undefined : value;
}

function read(from: IdentitySource['from'], name: string, asked: Asked): string | undefined {
  const { request, stage } = asked;
  switch (from) {
    case 'header':
      return headerOf(request, name);
    case 'querystring':
      return queryValueOf(request, name);
    case 'stageVariables':
      return Object.hasOwn(stage.variables, name) ? stage.variables[name] : undefined;
    case 'context':
      return contextValue(name, asked);
  }
}

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html */
function contextValue(name: string, { request, stage, api, routeKey }: Asked): string | undefined {
  switch (name) {
    case 'accountId':
      return api.accountId;
    case 'apiId':
      return api.id;
    case 'domainName':
      return hostOf(request);
    case 'httpMethod':
      return request.method;
    case 'identity.sourceIp':
      return request.sourceIp;
    case 'identity.userAgent':
      return headerOf(request, 'user-agent');
    case 'path':
      return request.fullPath;
    case 'protocol':
      return request.protocol;
    case 'resourcePath':
      return routeKey.split(' ')[1] ?? routeKey;
    case 'routeKey':
      return routeKey;
    case 'stage':
      return stage.name;
    default:
      return undefined;
  }
}
