export type { AdminOptions } from './api';
export { AdminApi } from './api';
