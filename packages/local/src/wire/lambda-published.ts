import { createHash } from 'node:crypto';
import type { AsyncInvokeConfig, FunctionConfig } from '../contracts';
import { ServiceError } from '../engine';
import { executedVersion, LATEST } from '../lambda/qualifier';
import { configuration } from './lambda-functions';
import { renderStatement } from './lambda-permissions';
import { controlOf, namedFunction, namedFunctionArn, namedQualifier, qualifiedArn } from './lambda-name';
import { page } from './paging';
import type { Call, Input, Operations, Output } from './protocol';
import { optionalInteger, optionalText, text } from './protocol';
import type { RestRoute } from './rest-protocol';

const FUNCTION = '/2015-03-31/functions/{FunctionName}';
const INVOKE_CONFIG = '/2019-09-25/functions/{FunctionName}/event-invoke-config';
const PAGE = 50;
const MAX_PAGE = 10_000;

/** Versions, aliases, the resource policy and the settings of asynchronous invocations: as the stack says. */
export const publishedRoutes: readonly RestRoute[] = [
  { operation: 'ListVersionsByFunction', method: 'GET', path: `${FUNCTION}/versions` },
  { operation: 'ListAliases', method: 'GET', path: `${FUNCTION}/aliases` },
  { operation: 'GetAlias', method: 'GET', path: `${FUNCTION}/aliases/{Name}` },
  { operation: 'GetPolicy', method: 'GET', path: `${FUNCTION}/policy` },
  { operation: 'GetFunctionEventInvokeConfig', method: 'GET', path: INVOKE_CONFIG },
  { operation: 'ListFunctionEventInvokeConfigs', method: 'GET', path: `${INVOKE_CONFIG}/list` },
];

export const publishedOperations: Operations = {
  ListVersionsByFunction: {
    resource: namedFunctionArn,
    async run(input, call) {
      const found = namedFunction(input, call);
      const all = [LATEST, ...(found.versions ?? [])];
      const { items, nextToken } = pageOf(input, all);
      const Versions = await Promise.all(items.map((version) => versionOf(found, version)));
      return { Versions, NextMarker: nextToken };
    },
  },
  ListAliases: {
    resource: namedFunctionArn,
    run(input, call) {
      const found = namedFunction(input, call);
      const version = optionalText(input, 'FunctionVersion');
      const all = Object.keys(found.aliases ?? {})
        .map((name) => aliasOf(found, name))
        .filter(({ FunctionVersion }) => version === undefined || FunctionVersion === version);
      const { items, nextToken } = pageOf(input, all);
      return { Aliases: items, NextMarker: nextToken };
    },
  },
  GetAlias: {
    resource: namedFunctionArn,
    run(input, call) {
      const found = namedFunction(input, call);
      const name = text(input, 'Name');
      if (Object.hasOwn(found.aliases ?? {}, name)) return aliasOf(found, name);
      throw notFound(`Cannot find alias arn: ${found.arn}:${name}`);
    },
  },
  GetPolicy: { resource: qualifiedArn, run: getPolicy },
  GetFunctionEventInvokeConfig: {
    resource: namedFunctionArn,
    run(input, call) {
      const found = namedFunction(input, call);
      const config = controlOf(call).asyncConfig(found.name);
      if (config) return invokeConfig(found, config);
      throw notFound(`The function ${found.arn}:${LATEST} doesn't have an EventInvokeConfig`);
    },
  },
  ListFunctionEventInvokeConfigs: {
    resource: namedFunctionArn,
    run(input, call) {
      const found = namedFunction(input, call);
      const config = controlOf(call).asyncConfig(found.name);
      return { FunctionEventInvokeConfigs: config ? [invokeConfig(found, config)] : [] };
    },
  },
};

async function versionOf(found: FunctionConfig, Version: string): Promise<Output> {
  return { ...(await configuration(found)), Version, FunctionArn: `${found.arn}:${Version}` };
}

function aliasOf({ arn, aliases }: FunctionConfig, Name: string) {
  return {
    AliasArn: `${arn}:${Name}`,
    Name,
    FunctionVersion: executedVersion(aliases, Name),
    Description: '',
    RevisionId: revisionOf(`${arn}:${Name}`),
  };
}

function getPolicy(input: Input, call: Call): Output {
  const found = namedFunction(input, call);
  const qualifier = namedQualifier(input, call.context);
  const declared = (found.policy ?? []).filter((each) => each.qualifier === qualifier);
  const added = call.context.functionPermissions?.added(found.name) ?? [];
  const Statement = [
    ...declared.map(({ statement }) => statement),
    ...added
      .filter((each) => each.qualifier === qualifier)
      .map((each) => renderStatement(each, qualifiedArn(input, call.context))),
  ];
  if (Statement.length === 0) throw notFound('The resource you requested does not exist.');
  const Policy = JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement });
  return { Policy, RevisionId: revisionOf(Policy) };
}

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionEventInvokeConfig.html */
function invokeConfig({ arn }: FunctionConfig, config: AsyncInvokeConfig): Output {
  const target = (Destination: string | undefined) => (Destination === undefined ? {} : { Destination });
  return {
    FunctionArn: `${arn}:${LATEST}`,
    MaximumRetryAttempts: config.maximumRetryAttempts,
    MaximumEventAgeInSeconds: config.maximumEventAgeSeconds,
    DestinationConfig: {
      OnSuccess: target(config.onSuccessDestinationArn),
      OnFailure: target(config.onFailureDestinationArn),
    },
  };
}

/** A UUID by content: the same as long as nothing changes. */
function revisionOf(content: string): string {
  const hex = createHash('sha256').update(content).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}

function pageOf<T>(input: Input, items: readonly T[]) {
  const size = optionalInteger(input, 'MaxItems', 1, MAX_PAGE) ?? PAGE;
  return page(items, size, optionalText(input, 'Marker'), 'InvalidParameterValueException');
}

function notFound(message: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', message, 404);
}
