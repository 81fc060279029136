import { type Environment, required } from './environment';

// The SDK prints a warning on Node.js 20, where bundles run on developers' machines; logs are for events.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

/** Lambda sets them when the process starts and replaces the process before they expire. */
export function environmentCredentials(env: Environment = process.env) {
  return {
    accessKeyId: required(env, 'AWS_ACCESS_KEY_ID'),
    secretAccessKey: required(env, 'AWS_SECRET_ACCESS_KEY'),
    sessionToken: env.AWS_SESSION_TOKEN,
  };
}

type ServiceName = 'DYNAMODB' | 'EVENTBRIDGE' | 'LAMBDA' | 'S3' | 'SECRETS_MANAGER' | 'SESV2' | 'SNS' | 'SQS';

/**
 * Settings of an SDK client, all from the environment. Each is given, because for what is not given the SDK reads the
 * ini files of `~/.aws`: file accesses at the first call, on a machine that has no such files.
 *
 * @param service name in `AWS_ENDPOINT_URL_<service>`, which goes before `AWS_ENDPOINT_URL`
 */
export function clientConfig(service: ServiceName, env: Environment = process.env) {
  return {
    region: required(env, 'AWS_REGION'),
    endpoint: env[`AWS_ENDPOINT_URL_${service}`] ?? env.AWS_ENDPOINT_URL,
    ignoreConfiguredEndpointUrls: true,
    credentials: environmentCredentials(env),
    defaultsMode: 'standard' as const,
    retryMode: 'standard',
    maxAttempts: 3,
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    authSchemePreference: [],
    userAgentAppId: '',
    cacheMiddleware: true,
  };
}
