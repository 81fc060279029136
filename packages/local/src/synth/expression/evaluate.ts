import { ResolveError } from '../../errors';
import type { Json } from '../json';
import { isObject } from '../json';
import type { BinaryOperator, Expression } from './ast';
import { functions } from './functions';

/** A named thing (a resource, `local`, `var`) whose members get their values when they are asked for. */
export class Namespace {
  constructor(
    readonly address: string,
    readonly member: (name: string) => Value,
  ) {}
}

export type Value = Json | Namespace;

/** Gives the roots of references (`aws_sns_topic`, `data`, `local`, `var`) their meaning. */
export interface Scope {
  root(name: string): Value;
}

/**
 * Evaluates an expression. References are looked up in the scope only where the result needs them.
 *
 * @throws {@link ResolveError} where a reference, a function or an operation has no value
 */
export function evaluate(expression: Expression, scope: Scope): Json {
  return plain(valueOf(expression, scope));
}

function valueOf(node: Expression, scope: Scope): Value {
  switch (node.kind) {
    case 'literal':
      return node.value;
    case 'template':
      return node.parts.map((part) => text(evaluate(part, scope))).join('');
    case 'name':
      return scope.root(node.name);
    case 'attribute':
      return memberOf(valueOf(node.of, scope), node.name);
    case 'index':
      return memberOf(valueOf(node.of, scope), key(evaluate(node.key, scope)));
    case 'splat':
      return splat(evaluate(node.of, scope), node.path);
    case 'call':
      return call(node, scope);
    case 'unary': {
      const operand = evaluate(node.operand, scope);
      return node.operator === '!' ? !truth(operand) : -number(operand);
    }
    case 'binary':
      return binary(node.operator, node.left, node.right, scope);
    case 'conditional':
      return valueOf(truth(evaluate(node.test, scope)) ? node.then : node.otherwise, scope);
    case 'list':
      return node.items.map((item) => evaluate(item, scope));
    case 'map':
      return Object.fromEntries(
        node.entries.map(([name, value]) => [text(evaluate(name, scope)), evaluate(value, scope)]),
      );
  }
}

function memberOf(value: Value, name: string | number): Value {
  if (value instanceof Namespace) {
    return value.member(String(name));
  }
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    const index = Number(name);
    if (Number.isInteger(index) && index >= 0 && index < items.length) {
      return items[index]!;
    }
    throw new ResolveError(`a list of ${items.length} has no element ${name}`);
  }
  if (isObject(value)) {
    // A block written as one object is a list of one block.
    if (name === 0 && !Object.hasOwn(value, '0')) {
      return value;
    }
    if (Object.hasOwn(value, String(name))) {
      return value[String(name)]!;
    }
  }
  throw new ResolveError(`${describe(value)} has no member "${name}"`);
}

function splat(value: Json, path: readonly string[]): Json {
  const items: readonly Json[] = Array.isArray(value)
    ? (value as readonly Json[])
    : value === null
      ? []
      : [value];
  return items.map((item) => plain(path.reduce<Value>((member, name) => memberOf(member, name), item)));
}

function call(node: Extract<Expression, { kind: 'call' }>, scope: Scope): Json {
  const evaluators = node.args.map((arg) => () => evaluate(arg, scope));
  if (node.name === 'try') {
    return firstOf(evaluators);
  }
  if (node.name === 'can') {
    return succeeds(evaluators[0]);
  }
  const implementation = Object.hasOwn(functions, node.name) ? functions[node.name] : undefined;
  if (implementation === undefined) {
    throw new ResolveError(`the function ${node.name}() is not supported`);
  }
  const args = evaluators.map((evaluator) => evaluator());
  if (node.expand) {
    args.push(...((args.pop() ?? []) as readonly Json[]));
  }
  return implementation(...args);
}

function firstOf(evaluators: readonly (() => Json)[]): Json {
  for (const evaluator of evaluators) {
    try {
      return evaluator();
    } catch (error) {
      if (!(error instanceof ResolveError)) {
        throw error;
      }
    }
  }
  throw new ResolveError('no argument of try() has a value');
}

function succeeds(evaluator: (() => Json) | undefined): boolean {
  try {
    evaluator?.();
    return true;
  } catch {
    return false;
  }
}

function binary(operator: BinaryOperator, left: Expression, right: Expression, scope: Scope): Json {
  const first = evaluate(left, scope);
  if (operator === '||') {
    return truth(first) || truth(evaluate(right, scope));
  }
  if (operator === '&&') {
    return truth(first) && truth(evaluate(right, scope));
  }
  const second = evaluate(right, scope);
  switch (operator) {
    case '==':
      return JSON.stringify(first) === JSON.stringify(second);
    case '!=':
      return JSON.stringify(first) !== JSON.stringify(second);
    case '<':
      return number(first) < number(second);
    case '<=':
      return number(first) <= number(second);
    case '>':
      return number(first) > number(second);
    case '>=':
      return number(first) >= number(second);
    case '+':
      return number(first) + number(second);
    case '-':
      return number(first) - number(second);
    case '*':
      return number(first) * number(second);
    case '/':
      return number(first) / number(second);
    case '%':
      return number(first) % number(second);
  }
}

/** @throws {@link ResolveError} where the value is not a string, number or boolean */
export function text(value: Json | undefined): string {
  if (typeof value === 'string') {
    return value;
  }
  if (typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  throw new ResolveError(`${describe(value)} cannot be used as text`);
}

/** @throws {@link ResolveError} where the value is not a number */
export function number(value: Json | undefined): number {
  const result =
    typeof value === 'number' ? value : typeof value === 'string' && value !== '' ? Number(value) : NaN;
  if (Number.isNaN(result)) {
    throw new ResolveError(`${describe(value)} is not a number`);
  }
  return result;
}

function truth(value: Json): boolean {
  if (value === true || value === 'true') {
    return true;
  }
  if (value === false || value === 'false') {
    return false;
  }
  throw new ResolveError(`${describe(value)} is neither true nor false`);
}

function key(value: Json): string | number {
  return typeof value === 'number' ? value : text(value);
}

function plain(value: Value): Json {
  if (value instanceof Namespace) {
    throw new ResolveError(`${value.address} is used as a whole; only its attributes have values here`);
  }
  return value;
}

/** Words for a value in an error message. */
export function describe(value: Value | undefined): string {
  if (value === undefined || value === null) {
    return 'null';
  }
  if (value instanceof Namespace) {
    return value.address;
  }
  const json = JSON.stringify(value);
  return json.length > 60 ? `${json.slice(0, 60)}…` : json;
}
