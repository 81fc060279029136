export { mappingProblem } from './mapping-rules';
export { executedVersion, hasQualifier } from './qualifier';
export type { LambdaOptions } from './service';
export { LambdaService } from './service';
export { targetProblem } from './targets';
