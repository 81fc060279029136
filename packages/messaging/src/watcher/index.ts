export type { Changes, Resource, ResourcesOptions, WatchOptions } from './types';
