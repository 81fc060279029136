export { mappingProblem } from './mapping-rules';
export type { LambdaOptions } from './service';
export { LambdaService } from './service';
export { targetProblem } from './targets';
