import type { FunctionConfig } from '../contracts';

export interface EnvironmentOptions {
  readonly region: string;
  /** The runtime's AWS endpoint. */
  readonly endpointUrl: string;
  /** Folder of the unzipped code. */
  readonly taskRoot: string;
  /** Folder of the bootstrap. */
  readonly runtimeFolder: string;
  readonly logStream: string;
}

/**
 * A function's whole environment: what Lambda documents, and the function's own variables. Nothing of this process's own
 * environment is in it.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
export function functionEnvironment(
  config: FunctionConfig,
  options: EnvironmentOptions,
): Record<string, string> {
  return {
    // What a function may set for itself.
    LANG: 'en_US.UTF-8',
    PATH: '/usr/local/bin:/usr/bin:/bin:/opt/bin',
    TZ: ':UTC',
    AWS_ENDPOINT_URL: options.endpointUrl,
    // Lambda's user has no home; the developer's would hand ~/.aws to the SDK.
    HOME: '/nonexistent',
    ...config.environment,
    // What Lambda reserves.
    _HANDLER: config.handler,
    LAMBDA_TASK_ROOT: options.taskRoot,
    LAMBDA_RUNTIME_DIR: options.runtimeFolder,
    AWS_REGION: options.region,
    AWS_DEFAULT_REGION: options.region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x',
    AWS_LAMBDA_FUNCTION_NAME: config.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(config.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: config.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: options.logStream,
    AWS_LAMBDA_LOG_FORMAT: config.logFormat ?? 'Text',
    ...(config.logFormat === 'JSON' ? { AWS_LAMBDA_LOG_LEVEL: config.logLevel ?? 'INFO' } : {}),
    AWS_ACCESS_KEY_ID: config.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: config.credentials.secretAccessKey,
  };
}
