import type { Expression } from './expression/ast';
import { parseExpression } from './expression/parser';
import { valueOf } from './expression/evaluate';
import type { Value, ValueMap } from './expression/values';
import { canonical, isList, isMap, Namespace, number, text, truth } from './expression/values';
import type { Json } from './json';

/**
 * A value as a variable's declared type wants it: `list(object({ name = string, fifo = optional(bool, false) }))`. Text that
 * stands for a list or a map, as the environment has it, becomes that.
 *
 * @throws ResolveError where the value does not fit
 * @see https://developer.hashicorp.com/terraform/language/expressions/type-constraints
 */
export function convert(value: Value, type: Json | undefined): Value {
  if (typeof type !== 'string' || type === 'any' || type === '') {
    return value;
  }
  const wanted = parseExpression(type.replace(/^\$\{([\s\S]*)\}$/, '$1'));
  const isText = wanted.kind === 'name' && wanted.name === 'string';
  const read = typeof value === 'string' && !isText && wanted.kind === 'call' ? literal(value) : value;
  return as(read, wanted);
}

const NOWHERE = {
  folder: '/',
  root: (name: string): Value => new Namespace(name, () => null),
};

function literal(source: string): Value {
  return valueOf(parseExpression(source), NOWHERE);
}

function as(value: Value, type: Expression): Value {
  if (value === null || value instanceof Namespace) {
    return value;
  }
  if (type.kind === 'name') {
    return primitive(value, type.name);
  }
  if (type.kind !== 'call') {
    return value;
  }
  const inner = type.args[0];
  switch (type.name) {
    case 'list':
    case 'tuple':
      return isList(value) && inner !== undefined && type.name === 'list'
        ? value.map((item) => as(item, inner))
        : value;
    case 'set':
      return isList(value) && inner !== undefined ? setOf(value.map((item) => as(item, inner))) : value;
    case 'map':
      return isMap(value) && inner !== undefined ? mapValues(value, (item) => as(item, inner)) : value;
    case 'object':
      return isMap(value) && inner?.kind === 'map' ? object(value, inner.entries) : value;
    case 'optional':
      return inner === undefined ? value : as(value, inner);
    default:
      return value;
  }
}

function primitive(value: Value, name: string): Value {
  switch (name) {
    case 'string':
      return text(value);
    case 'number':
      return number(value);
    case 'bool':
      return truth(value);
    default:
      return value;
  }
}

function setOf(values: readonly Value[]): Value {
  const members = [...new Map(values.map((value) => [canonical(value), value])).values()];
  return members.every((member) => typeof member === 'string') ? members.sort() : members;
}

function mapValues(value: ValueMap, change: (item: Value) => Value): Value {
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, change(item)]));
}

/** Attributes that are left out have their `optional` default, or null. */
function object(value: ValueMap, attributes: readonly (readonly [Expression, Expression])[]): Value {
  return Object.fromEntries(
    attributes.map(([key, type]) => {
      const name = text(valueOf(key, NOWHERE));
      const given = Object.hasOwn(value, name) ? value[name]! : null;
      const fallback = type.kind === 'call' && type.name === 'optional' ? type.args[1] : undefined;
      const item = given === null && fallback !== undefined ? valueOf(fallback, NOWHERE) : given;
      return [name, as(item, type)];
    }),
  );
}
