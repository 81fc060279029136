import type { Fields } from './fields';
import type { Json } from './json';

/** An IAM policy document as data.aws_iam_policy_document renders it. */
export interface PolicyDocument {
  readonly Version: string;
  readonly Statement: readonly Readonly<Record<string, Json>>[];
}

/** Renders a `data.aws_iam_policy_document`; statements of overriding documents replace those of the same Sid. */
export function policyDocument(fields: Fields): PolicyDocument {
  const sources = fields.texts('source_policy_documents').flatMap(statementsOf);
  const own = fields.blocks('statement').map(statement);
  const overrides = fields.texts('override_policy_documents').flatMap(statementsOf);
  const sids = new Set(overrides.map(({ Sid }) => Sid).filter(Boolean));
  return {
    Version: fields.optionalText('version') ?? '2012-10-17',
    Statement: [
      ...[...sources, ...own].filter(({ Sid }) => Sid === undefined || !sids.has(Sid)),
      ...overrides,
    ],
  };
}

function statementsOf(json: string): Readonly<Record<string, Json>>[] {
  const { Statement } = JSON.parse(json) as { Statement: Record<string, Json> | Record<string, Json>[] };
  return Array.isArray(Statement) ? Statement : [Statement];
}

function statement(fields: Fields): Readonly<Record<string, Json>> {
  return compact({
    Sid: fields.optionalText('sid'),
    Effect: fields.optionalText('effect') ?? 'Allow',
    Action: oneOrMany(fields.texts('actions')),
    NotAction: oneOrMany(fields.texts('not_actions')),
    Resource: oneOrMany(fields.texts('resources')),
    NotResource: oneOrMany(fields.texts('not_resources')),
    Principal: principals(fields.blocks('principals')),
    NotPrincipal: principals(fields.blocks('not_principals')),
    Condition: conditions(fields.blocks('condition')),
  });
}

function principals(blocks: readonly Fields[]): Json | undefined {
  if (blocks.length === 0) {
    return undefined;
  }
  if (blocks.some((block) => block.text('type') === '*')) {
    return '*';
  }
  const types = [...new Set(blocks.map((block) => block.text('type')))];
  return Object.fromEntries(
    types.map((type) => [
      type,
      oneOrMany(
        blocks.filter((block) => block.text('type') === type).flatMap((block) => block.texts('identifiers')),
      )!,
    ]),
  );
}

function conditions(blocks: readonly Fields[]): Json | undefined {
  const result: Record<string, Record<string, Json>> = {};
  for (const block of blocks) {
    (result[block.text('test')] ??= {})[block.text('variable')] = oneOrMany(block.texts('values')) ?? [];
  }
  return blocks.length === 0 ? undefined : result;
}

function oneOrMany(values: readonly string[]): Json | undefined {
  return values.length > 1 ? values : values[0];
}

function compact(object: Readonly<Record<string, Json | undefined>>): Readonly<Record<string, Json>> {
  return Object.fromEntries(
    Object.entries(object).filter((entry): entry is [string, Json] => entry[1] !== undefined),
  );
}
