export { HttpApi } from './api';
export type { ApiConfig } from './config';
export { apisOf } from './from-stack';
export { apiServer } from './server';
