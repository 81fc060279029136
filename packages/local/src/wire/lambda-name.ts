import type { FunctionConfig, LambdaControl } from '../contracts';
import { functionArn, nameOf, ServiceError } from '../engine';
import type { Call, Input, WireContext } from './protocol';
import { text } from './protocol';

/** A function may be named by name, ARN or part of one, with or without a qualifier. */
export function functionName(input: Input): string {
  const given = text(input, 'FunctionName');
  const marker = 'function:';
  const start = given.indexOf(marker);
  const rest = start < 0 ? given : given.slice(start + marker.length);
  return start < 0 && given.startsWith('arn:') ? nameOf(given) : rest.split(':')[0]!;
}

/** For permissions: the ARN of the function that is named. */
export function namedFunctionArn(input: Input, context: WireContext): string {
  return functionArn(context.broker.locale, functionName(input));
}

export function functionNotFound(name: string, { broker }: WireContext): ServiceError {
  return new ServiceError(
    'ResourceNotFoundException',
    `Function not found: ${functionArn(broker.locale, name)}`,
    404,
  );
}

/** @throws ServiceError where nothing but invocations is hosted */
export function controlOf({ context }: Call): LambdaControl {
  const { control } = context.invoker;
  if (control) return control;
  throw new ServiceError('UnknownOperationException', 'Only invocations are hosted here.');
}

/** @throws ServiceError ResourceNotFoundException */
export function namedFunction(input: Input, call: Call): FunctionConfig {
  const name = functionName(input);
  const found = controlOf(call)
    .functions()
    .find((each) => each.name === name);
  if (found) return found;
  throw functionNotFound(name, call.context);
}
