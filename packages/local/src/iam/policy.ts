import { UserError } from '../errors';

/** One statement of a policy document; every list may hold wildcards (`*`, `?`). */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions?: readonly string[];
  readonly notActions?: readonly string[];
  readonly resources?: readonly string[];
  readonly notResources?: readonly string[];
  /** Kind (`AWS`, `Service`, ...) -> identifiers; `*` stands for everyone. */
  readonly principals?: Principals;
  readonly notPrincipals?: Principals;
  /** Operator -> key -> values. */
  readonly conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

export type Principals = Readonly<Record<string, readonly string[]>>;

type OneOrMany = string | number | boolean | readonly (string | number | boolean)[];

interface RawStatement {
  readonly Effect?: string;
  readonly Action?: OneOrMany;
  readonly NotAction?: OneOrMany;
  readonly Resource?: OneOrMany;
  readonly NotResource?: OneOrMany;
  readonly Principal?: '*' | Readonly<Record<string, OneOrMany>>;
  readonly NotPrincipal?: '*' | Readonly<Record<string, OneOrMany>>;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMany>>>>;
}

/**
 * Parses a policy document.
 *
 * @param where names the policy in errors
 * @throws {@link UserError} where it is not JSON
 */
export function parsePolicy(json: string, where: string): Statement[] {
  let document: { readonly Statement?: RawStatement | readonly RawStatement[] };
  try {
    document = JSON.parse(json) as typeof document;
  } catch (error) {
    throw new UserError(`${where} is not a policy in JSON: ${(error as Error).message}`);
  }
  return many(document.Statement).map(parseStatement);
}

function parseStatement(raw: RawStatement): Statement {
  return {
    effect: raw.Effect === 'Deny' ? 'Deny' : 'Allow',
    actions: texts(raw.Action),
    notActions: texts(raw.NotAction),
    resources: texts(raw.Resource),
    notResources: texts(raw.NotResource),
    principals: principals(raw.Principal),
    notPrincipals: principals(raw.NotPrincipal),
    conditions: Object.fromEntries(
      Object.entries(raw.Condition ?? {}).map(([operator, keys]) => [operator, textsOfEach(keys)]),
    ),
  };
}

function principals(raw: RawStatement['Principal']): Principals | undefined {
  if (raw === '*') return { '*': ['*'] };
  return raw ? textsOfEach(raw) : undefined;
}

function textsOfEach(lists: Readonly<Record<string, OneOrMany>>): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(lists).map(([key, values]) => [key, texts(values) ?? []]));
}

function texts(value: OneOrMany | undefined): readonly string[] | undefined {
  return value === undefined ? undefined : many(value).map(String);
}

function many<T>(value: T | readonly T[] | undefined): readonly T[] {
  return value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
