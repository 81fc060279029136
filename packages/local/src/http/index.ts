export type { Authorization } from './config';
export { hostedApis } from './hosted-apis';
export type { ApiDescription, DescribedRoute } from './hosted-apis';
export { apiServer, isLoopbackHost } from './server';
