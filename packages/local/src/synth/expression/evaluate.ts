import { ResolveError } from '../../errors';
import type { Json } from '../json';
import type { Expression, ForExpression } from './ast';
import { binary } from './operators';
import { callFunction } from './functions';
import type { Value } from './values';
import { describe, entriesOf, isList, isMap, Namespace, number, plain, text, truth } from './values';

/** Gives the roots of references (`aws_sns_topic`, `data`, `local`, `var`) their meaning. */
export interface Scope {
  /** Relative file names start here. */
  readonly folder: string;
  root(name: string): Value;
  /** Files that are made, not written by people: zips of the stack. */
  readonly readFile?: (path: string) => Uint8Array | undefined;
}

/**
 * Evaluates an expression. References are looked up in the scope only where the result needs them.
 *
 * @throws {@link ResolveError} where a reference, a function or an operation has no value
 */
export function evaluate(expression: Expression, scope: Scope): Json {
  return plain(valueOf(expression, scope));
}

/** {@link evaluate}, where a resource as a whole is a value as well. */
export function valueOf(node: Expression, scope: Scope): Value {
  switch (node.kind) {
    case 'literal':
      return node.value;
    case 'template':
      return node.parts.map((part) => text(valueOf(part, scope))).join('');
    case 'name':
      return scope.root(node.name);
    case 'attribute':
      return memberOf(valueOf(node.of, scope), node.name);
    case 'index':
      return memberOf(valueOf(node.of, scope), key(valueOf(node.key, scope)));
    case 'splat':
      return splat(valueOf(node.of, scope), node.path, scope);
    case 'call':
      return call(node, scope);
    case 'unary': {
      const operand = valueOf(node.operand, scope);
      return node.operator === '!' ? !truth(operand) : -number(operand);
    }
    case 'binary':
      return binary(
        node.operator,
        () => valueOf(node.left, scope),
        () => valueOf(node.right, scope),
      );
    case 'conditional':
      return valueOf(truth(valueOf(node.test, scope)) ? node.then : node.otherwise, scope);
    case 'list':
      return node.items.map((item) => valueOf(item, scope));
    case 'map':
      return Object.fromEntries(
        node.entries.map(([name, value]) => [text(valueOf(name, scope)), valueOf(value, scope)]),
      );
    case 'for':
      return comprehension(node, scope);
  }
}

/** The scope with more names in it. */
export function withNames(scope: Scope, names: Readonly<Record<string, Value>>): Scope {
  return {
    folder: scope.folder,
    readFile: scope.readFile,
    root: (name) => (Object.hasOwn(names, name) ? names[name]! : scope.root(name)),
  };
}

export function memberOf(value: Value, name: string | number): Value {
  if (value instanceof Namespace) {
    return value.member(String(name));
  }
  if (isList(value)) {
    const index = Number(name);
    if (Number.isInteger(index) && index >= 0 && index < value.length) {
      return value[index]!;
    }
    throw new ResolveError(`a list of ${value.length} has no element ${name}`);
  }
  if (isMap(value)) {
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

function splat(value: Value, path: readonly Expression[], scope: Scope): Value {
  const items = isList(value) ? value : value === null ? [] : [value];
  const keys = path.map((each) => key(valueOf(each, scope)));
  return items.map((item) => keys.reduce<Value>((member, name) => memberOf(member, name), item));
}

function call(node: Extract<Expression, { kind: 'call' }>, scope: Scope): Value {
  const evaluators = node.args.map((arg) => () => valueOf(arg, scope));
  if (node.name === 'try') {
    return firstOf(evaluators);
  }
  if (node.name === 'can') {
    return succeeds(evaluators[0]);
  }
  const last = node.expand ? evaluators.pop() : undefined;
  const args = () => {
    const own = evaluators.map((evaluator) => evaluator());
    return last === undefined ? own : [...own, ...entriesOf(last()).map(([, value]) => value)];
  };
  return callFunction(node.name, args, scope);
}

function firstOf(evaluators: readonly (() => Value)[]): Value {
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

function succeeds(evaluator: (() => Value) | undefined): boolean {
  try {
    evaluator?.();
    return true;
  } catch (error) {
    if (!(error instanceof ResolveError)) {
      throw error;
    }
    return false;
  }
}

function comprehension(node: ForExpression, scope: Scope): Value {
  const { keyName, valueName, condition } = node;
  const scopes = entriesOf(valueOf(node.collection, scope))
    .map(([name, value]) =>
      withNames(scope, { ...(keyName === undefined ? {} : { [keyName]: name }), [valueName]: value }),
    )
    .filter((each) => condition === undefined || truth(valueOf(condition, each)));
  return node.key === undefined
    ? scopes.map((each) => valueOf(node.value, each))
    : mapOf(node, node.key, scopes);
}

function mapOf({ value, grouping }: ForExpression, name: Expression, scopes: readonly Scope[]): Value {
  const result: Record<string, Value> = {};
  for (const each of scopes) {
    const at = text(valueOf(name, each));
    const item = valueOf(value, each);
    if (grouping) {
      result[at] = [...((result[at] as Value[] | undefined) ?? []), item];
    } else if (Object.hasOwn(result, at)) {
      throw new ResolveError(`two values for the key "${at}" of a "for" expression`);
    } else {
      result[at] = item;
    }
  }
  return result;
}

function key(value: Value): string | number {
  return typeof value === 'number' ? value : text(value);
}
