export { documentMatches } from './document';
export type { AttributeValues } from './message';
export { attributeValues, bodyObject } from './message';
export type { Alternative, Field } from './pattern';
export { parsePattern } from './pattern';
export type { Filterable, FilterPolicyScope } from './policy';
export { FilterPolicy } from './policy';
export type { Scalar, Test } from './scalar';
export { PatternError } from './scalar';
