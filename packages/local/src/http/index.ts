export type { Authorization } from './config';
export { hostedApis } from './hosted-apis';
export type { ApiDescription } from './hosted-apis';
export { apiServer, isLoopbackHost } from './server';
