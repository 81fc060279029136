import { environmentCredentials } from '../aws';

/** Takes the place of `@aws-sdk/credential-providers` in bundles: in Lambda credentials come from the environment. */
export const fromEnv = () => () => Promise.resolve(environmentCredentials());
