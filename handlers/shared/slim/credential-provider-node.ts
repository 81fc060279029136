import { environmentCredentials } from '../aws';

/**
 * Takes the place of `@aws-sdk/credential-provider-node` in bundles: the chain of SSO, profiles, processes and metadata
 * services is more than half of a client, and in Lambda credentials come from the environment.
 */
export const defaultProvider = () => () => Promise.resolve(environmentCredentials());
