export type { Behavior, DistributionConfig, EdgeCode, ErrorPage, Origin, OriginGroup } from './config';
export { Distribution } from './distribution';
export { edgeCodeProblem, EdgeFunctions } from './edge-function';
export { all, allExcept, either, none, only } from './forwarding';
export type { Chosen, Forwarding } from './forwarding';
export type { CorsPolicy, HeadersPolicy, PolicyHeader } from './headers-policy';
export {
  MANAGED_CACHE_POLICIES,
  MANAGED_HEADERS_POLICIES,
  MANAGED_ORIGIN_REQUEST_POLICIES,
} from './managed-policies';
export type { CachePolicy } from './managed-policies';
export type { ObjectAnswer, ObjectRequest, ObjectSource, OriginAnswer, Reader } from './objects';
