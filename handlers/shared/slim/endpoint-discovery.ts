/**
 * Takes the place of `@aws-sdk/middleware-endpoint-discovery` in bundles: DynamoDB's endpoint is known by its region, and
 * `endpointDiscoveryEnabled` is off. Without it goes a cache of endpoints with an LRU library.
 */
export const resolveEndpointDiscoveryConfig = <T>(config: T): T => config;

/** A setting of `~/.aws` that is not read. */
export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = { default: false };
