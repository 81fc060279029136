export { up } from './up';
export type { Running } from './up';
export { reset } from './reset';
export type { RequestedPort, UpOptions } from './options';
