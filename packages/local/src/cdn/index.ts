export type { Behavior, DistributionConfig, ErrorPage, Origin } from './config';
export { Distribution } from './distribution';
export type { ObjectSource, SourceObject } from './origins';
