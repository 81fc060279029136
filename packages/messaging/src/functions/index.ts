export { Functions } from './functions';
export type { FunctionError, FunctionSummary, InvocationResult, InvokeOptions, ListFunctions } from './types';
