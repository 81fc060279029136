import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { FunctionConfig } from '../contracts';
import { ServiceError } from '../engine';
import { controlOf, namedFunction, namedFunctionArn } from './lambda-name';
import { page } from './paging';
import type { Operations, Output } from './protocol';
import { optionalInteger, optionalText } from './protocol';
import type { RestRoute } from './rest-protocol';

const FUNCTIONS = '/2015-03-31/functions';
const CONCURRENCY = '/2017-10-31/functions/{FunctionName}/concurrency';
const MAX_PAGE = 10_000;
const PAGE = 50;
/** What an account has by default. */
const MAX_CONCURRENCY = 1000;

/** What the stack's functions are; they are changed by changing the stack. */
export const functionRoutes: readonly RestRoute[] = [
  { operation: 'ListFunctions', method: 'GET', path: FUNCTIONS },
  { operation: 'GetFunction', method: 'GET', path: `${FUNCTIONS}/{FunctionName}` },
  { operation: 'GetFunctionConfiguration', method: 'GET', path: `${FUNCTIONS}/{FunctionName}/configuration` },
  {
    operation: 'GetFunctionConcurrency',
    method: 'GET',
    path: '/2019-09-30/functions/{FunctionName}/concurrency',
  },
  { operation: 'PutFunctionConcurrency', method: 'PUT', path: CONCURRENCY },
  { operation: 'DeleteFunctionConcurrency', method: 'DELETE', path: CONCURRENCY },
];

export const functionOperations: Operations = {
  ListFunctions: {
    async run(input, call) {
      const size = optionalInteger(input, 'MaxItems', 1, MAX_PAGE) ?? PAGE;
      const all = controlOf(call).functions();
      const shown = page(all, size, optionalText(input, 'Marker'), 'InvalidParameterValueException');
      return { Functions: await Promise.all(shown.items.map(configuration)), NextMarker: shown.nextToken };
    },
  },
  GetFunction: {
    resource: namedFunctionArn,
    async run(input, call) {
      const found = namedFunction(input, call);
      const Concurrency = concurrency(found);
      return {
        Configuration: await configuration(found),
        Code: { RepositoryType: 'S3', Location: `file://${found.zipFile}` },
        ...(found.reservedConcurrency === undefined ? {} : { Concurrency }),
      };
    },
  },
  GetFunctionConfiguration: {
    resource: namedFunctionArn,
    run: (input, call) => configuration(namedFunction(input, call)),
  },
  GetFunctionConcurrency: {
    resource: namedFunctionArn,
    run: (input, call) => concurrency(namedFunction(input, call)),
  },
  PutFunctionConcurrency: {
    resource: namedFunctionArn,
    run(input, call) {
      const { name } = namedFunction(input, call);
      const reserved = optionalInteger(input, 'ReservedConcurrentExecutions', 0, MAX_CONCURRENCY);
      if (reserved === undefined) throw missing('ReservedConcurrentExecutions');
      controlOf(call).reserveConcurrency(name, reserved);
      return { ReservedConcurrentExecutions: reserved };
    },
  },
  DeleteFunctionConcurrency: {
    resource: namedFunctionArn,
    run(input, call) {
      controlOf(call).reserveConcurrency(namedFunction(input, call).name, undefined);
      return { status: 204, headers: {}, body: '' };
    },
  },
};

function missing(parameter: string): ServiceError {
  return new ServiceError('MissingParameter', `The request must contain the parameter ${parameter}.`);
}

function concurrency({ reservedConcurrency }: FunctionConfig): Output {
  return { ReservedConcurrentExecutions: reservedConcurrency };
}

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html */
export async function configuration(config: FunctionConfig): Promise<Output> {
  const [zip, { mtime }] = await Promise.all([readFile(config.zipFile), stat(config.zipFile)]);
  const { logFormat = 'Text', logLevel } = config;
  return {
    FunctionName: config.name,
    FunctionArn: config.arn,
    Runtime: config.runtime ?? 'nodejs22.x',
    Role: config.roleArn,
    Handler: config.handler,
    CodeSize: zip.length,
    CodeSha256: createHash('sha256').update(zip).digest('base64'),
    Description: config.description ?? '',
    Timeout: config.timeoutSeconds,
    MemorySize: config.memoryMb,
    LastModified: mtime.toISOString().replace('Z', '+0000'),
    Version: '$LATEST',
    Environment: { Variables: config.environment },
    State: 'Active',
    LastUpdateStatus: 'Successful',
    PackageType: 'Zip',
    Architectures: [config.architecture ?? 'x86_64'],
    EphemeralStorage: { Size: 512 },
    LoggingConfig: {
      LogFormat: logFormat,
      LogGroup: config.logGroup,
      ...(logFormat === 'JSON' ? { ApplicationLogLevel: logLevel ?? 'INFO', SystemLogLevel: 'INFO' } : {}),
    },
  };
}
