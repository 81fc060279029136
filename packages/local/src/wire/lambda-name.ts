import type { FunctionConfig, LambdaControl } from '../contracts';
import { functionArn, nameOf, ServiceError } from '../engine';
import { hasQualifier } from '../lambda/qualifier';
import type { Call, Input, WireContext } from './protocol';
import { optionalText, text } from './protocol';

/** A function may be named by name, ARN or part of one, with or without a qualifier. */
export function functionName(input: Input): string {
  const given = text(input, 'FunctionName');
  const marker = 'function:';
  const start = given.indexOf(marker);
  const rest = start < 0 ? given : given.slice(start + marker.length);
  return start < 0 && given.startsWith('arn:') ? nameOf(given) : rest.split(':')[0]!;
}

/**
 * The version or alias that is named, by the function's name or beside it.
 * @throws ServiceError ResourceNotFoundException where the function has none of that name
 */
export function namedQualifier(input: Input, context: WireContext): string | undefined {
  const inName = qualifierInName(text(input, 'FunctionName'));
  const qualifier = optionalText(input, 'Qualifier') ?? inName;
  if (inName !== undefined && inName !== qualifier) {
    const message = 'The derived qualifier from the function name does not match the specified qualifier.';
    throw new ServiceError('InvalidParameterValueException', message);
  }
  const { control } = context.invoker;
  // Where nothing but invocations is hosted, there are no versions to choose from.
  if (qualifier === undefined || !control) return undefined;
  const name = functionName(input);
  const found = control.functions().find((each) => each.name === name);
  if (found && hasQualifier(found, qualifier)) return qualifier;
  throw functionNotFound(`${name}:${qualifier}`, context);
}

function qualifierInName(name: string): string | undefined {
  return /(?:^|function:)[\w-]+:([\w$-]+)$/.exec(name)?.[1];
}

/** For permissions: the ARN of the function, with the version or alias where one is named. */
export function qualifiedArn(input: Input, context: WireContext): string {
  const arn = namedFunctionArn(input, context);
  const qualifier = optionalText(input, 'Qualifier') ?? qualifierInName(text(input, 'FunctionName'));
  return qualifier === undefined ? arn : `${arn}:${qualifier}`;
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
