export type { WireContext } from './protocol';
export { queueUrl } from './queue-url';
export type { Secret } from './secrets';
export { SecretStore } from './secrets';
export type { DeclaredSecret } from './secrets';
export type { AwsEndpointOptions } from './server';
export { AwsEndpoint } from './server';
