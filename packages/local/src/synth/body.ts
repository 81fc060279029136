import { ResolveError } from '../errors';
import type { Scope } from './expression/evaluate';
import { valueOf, withNames } from './expression/evaluate';
import { parseTemplate } from './expression/parser';
import type { Value } from './expression/values';
import { entriesOf, isList, text } from './expression/values';
import type { Json, JsonObject } from './json';
import { blocksOf, isObject } from './json';

/** Resolves every expression in a JSON value, and makes the blocks that `dynamic` stands for. */
export function evaluateBody(json: Json, scope: Scope): Value {
  if (typeof json === 'string') {
    return evaluateText(json, scope);
  }
  if (Array.isArray(json)) {
    return (json as readonly Json[]).map((item) => evaluateBody(item, scope));
  }
  return isObject(json) ? evaluateObject(json, scope) : json;
}

function evaluateText(source: string, scope: Scope): Value {
  const expression = parseTemplate(source);
  try {
    return expression.kind === 'literal' ? expression.value : valueOf(expression, scope);
  } catch (error) {
    throw error instanceof ResolveError && !error.message.includes(' in "')
      ? new ResolveError(`${error.message}, in "${source}"`)
      : error;
  }
}

function evaluateObject(object: JsonObject, scope: Scope): Value {
  const result: Record<string, Value> = {};
  for (const [name, item] of Object.entries(object)) {
    if (name !== 'dynamic' || !isDynamic(item)) {
      const key = name.includes('${') ? text(evaluateText(name, scope)) : name;
      result[key] = evaluateBody(item, scope);
    }
  }
  const { dynamic } = object;
  if (dynamic !== undefined && isDynamic(dynamic)) {
    for (const [label, generators] of blocksOf(dynamic).flatMap((each) => Object.entries(each))) {
      const own = result[label] ?? [];
      const blocks = blocksOf(generators).flatMap((generator) => generate(label, generator, scope));
      result[label] = [...(isList(own) ? own : [own]), ...blocks];
    }
  }
  return result;
}

function isDynamic(json: Json): boolean {
  const generators = blocksOf(json).flatMap((each) => Object.values(each).flatMap(blocksOf));
  return (
    generators.length > 0 &&
    generators.every(({ for_each, content }) => for_each !== undefined && content !== undefined)
  );
}

/** @see https://developer.hashicorp.com/terraform/language/expressions/dynamic-blocks */
function generate(label: string, generator: JsonObject, scope: Scope): Value[] {
  const iterator = typeof generator['iterator'] === 'string' ? generator['iterator'] : label;
  const name = iterator.replace(/^\$\{|\}$/g, '');
  return entriesOf(evaluateBody(generator['for_each']!, scope)).flatMap(([key, value]) => {
    const inner = withNames(scope, { [name]: { key, value } });
    return blocksOf(generator['content']).map((content) => evaluateBody(content, inner));
  });
}
