import type { Json, Mask, PlanJson, ResourceChangeJson } from './plan-json';

type JsonObject = Readonly<Record<string, Json>>;

/** The part of the synthesized `cdk.tf.json` that is read here: resources by type and name. */
interface Program {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, JsonObject>>>>;
}

/**
 * Puts the program's own text where Terraform says no more than "known after apply". A policy that names one resource
 * which does not exist yet is such a case: as a whole it would be invisible in the very plan that creates it. References
 * stay as the program has them: `${aws_sns_topic.messages.arn}`.
 */
export function withProgramText(plan: PlanJson, synthesized: string): PlanJson {
  const program = JSON.parse(synthesized) as Program;
  return {
    ...plan,
    resource_changes: plan.resource_changes?.map((resource) => fillResource(resource, program)),
  };
}

function fillResource(resource: ResourceChangeJson, program: Program): ResourceChangeJson {
  const { change, type, name } = resource;
  const declared = program.resource?.[type]?.[name];
  if (declared === undefined || !isObject(change.after)) return resource;
  const filled = fill({ value: change.after, notKnown: change.after_unknown }, declared);
  return { ...resource, change: { ...change, after: filled.value, after_unknown: filled.notKnown } };
}

interface Filled {
  readonly value: Json | undefined;
  readonly notKnown: Mask;
}

function fill({ value, notKnown }: Filled, declared: Json | undefined): Filled {
  if (declared === undefined || notKnown === undefined || notKnown === false) return { value, notKnown };
  if (notKnown === true) return { value: declared, notKnown: false };
  if (Array.isArray(notKnown)) {
    // A block that occurs once is an object in the program and a list of one in the plan.
    const items = Array.isArray(declared) ? declared : [declared];
    if (items.length !== notKnown.length) return { value, notKnown };
    const values = Array.isArray(value) ? value : [];
    const filled = notKnown.map((mask, index) =>
      fill({ value: values[index], notKnown: mask }, items[index]),
    );
    return listOf(filled);
  }
  return isObject(notKnown) && isObject(declared)
    ? fillObject(value, notKnown, declared)
    : { value, notKnown };
}

function fillObject(value: Json | undefined, notKnown: JsonObject, declared: JsonObject): Filled {
  const values: Record<string, Json> = isObject(value) ? { ...value } : {};
  const masks: Record<string, Json> = { ...notKnown };
  for (const [key, mask] of Object.entries(notKnown)) {
    const filled = fill({ value: values[key], notKnown: mask }, declared[key]);
    if (filled.value !== undefined) values[key] = filled.value;
    masks[key] = filled.notKnown ?? false;
  }
  return { value: values, notKnown: masks };
}

function listOf(filled: readonly Filled[]): Filled {
  return {
    value: filled.map(({ value }) => value ?? null),
    notKnown: filled.map(({ notKnown }) => notKnown ?? false),
  };
}

function isObject(value: Json | undefined): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
