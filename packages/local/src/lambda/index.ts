export type { LambdaOptions } from './service';
export { LambdaService } from './service';
export { targetProblem } from './targets';
