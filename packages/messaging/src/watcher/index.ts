export { ResourceWatcher } from './resource-watcher';
export type { Changes, Resource, ResourcesOptions, WatchOptions } from './types';
