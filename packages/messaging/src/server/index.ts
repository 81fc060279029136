export { runServer } from './cli';
export type { CommandOptions } from './cli';
export { ConfigError } from './config/error';
export { configSchema } from './config/json-schema';
export { startServer } from './server';
export type { MessagingServer, ServerHooks, ServerInput } from './server';
