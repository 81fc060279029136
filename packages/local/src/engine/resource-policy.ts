/** A resource policy as written in JSON, as far as it matters for calls by an AWS service. */
export interface PolicyDocument {
  readonly Version?: string;
  readonly Id?: string;
  readonly Statement: PolicyStatement | readonly PolicyStatement[];
}

type OneOrMore = string | readonly string[];

export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: '*' | Readonly<Record<string, OneOrMore>>;
  readonly NotPrincipal?: '*' | Readonly<Record<string, OneOrMore>>;
  readonly Action?: OneOrMore;
  readonly NotAction?: OneOrMore;
  readonly Resource?: OneOrMore;
  readonly NotResource?: OneOrMore;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMore | boolean>>>>;
}

/** A call by an AWS service, e.g. SNS delivering to a queue. */
export interface ServiceCall {
  /** `sns.amazonaws.com` */
  readonly service: string;
  /** `sqs:SendMessage` */
  readonly action: string;
  readonly resource: string;
  readonly sourceArn: string;
  readonly sourceAccount: string;
}

/** Whether the resource's policy lets the service in: an explicit deny wins, and silence is a no. */
export function policyAllows(policy: PolicyDocument | undefined, call: ServiceCall): boolean {
  if (!policy) return false;
  const context = new Map([
    ['aws:sourcearn', call.sourceArn],
    ['aws:sourceaccount', call.sourceAccount],
    ['aws:securetransport', 'true'],
    ['aws:principalisawsservice', 'true'],
    ['aws:principalservicename', call.service],
  ]);
  let allowed = false;
  for (const statement of list(policy.Statement)) {
    if (!applies(statement, call, context)) continue;
    if (statement.Effect === 'Deny') return false;
    allowed = true;
  }
  return allowed;
}

function applies(
  statement: PolicyStatement,
  call: ServiceCall,
  context: ReadonlyMap<string, string>,
): boolean {
  return (
    principalMatches(statement, call.service) &&
    oneMatches(statement.Action, statement.NotAction, call.action.toLowerCase(), true) &&
    oneMatches(statement.Resource, statement.NotResource, call.resource, false) &&
    Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
      Object.entries(keys).every(([key, values]) =>
        conditionHolds(operator, context.get(key.toLowerCase()), list(values).map(String)),
      ),
    )
  );
}

function principalMatches(statement: PolicyStatement, service: string): boolean {
  if (statement.NotPrincipal) return !namesService(statement.NotPrincipal, service);
  return statement.Principal !== undefined && namesService(statement.Principal, service);
}

function namesService(principal: '*' | Readonly<Record<string, OneOrMore>>, service: string): boolean {
  if (principal === '*') return true;
  return list(principal.Service ?? []).includes(service) || list(principal.AWS ?? []).includes('*');
}

function oneMatches(
  positive: OneOrMore | undefined,
  negative: OneOrMore | undefined,
  value: string,
  ignoreCase: boolean,
): boolean {
  const matches = (patterns: OneOrMore) =>
    list(patterns).some((pattern) => globMatches(ignoreCase ? pattern.toLowerCase() : pattern, value));
  if (negative !== undefined) return !matches(negative);
  return positive !== undefined && matches(positive);
}

type Comparison = (expected: string, actual: string) => boolean;

const equal: Comparison = (expected, actual) => expected === actual;
const equalIgnoringCase: Comparison = (expected, actual) => expected.toLowerCase() === actual.toLowerCase();

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  StringEquals: equal,
  StringEqualsIgnoreCase: equalIgnoringCase,
  StringLike: globMatches,
  ArnEquals: globMatches,
  ArnLike: globMatches,
  Bool: equalIgnoringCase,
};

const NEGATED: Readonly<Record<string, string>> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
};

// An operator that is not listed compares a key that a service's call does not have (dates, numbers, addresses): never true.
function conditionHolds(operator: string, actual: string | undefined, expected: readonly string[]): boolean {
  const ifExists = operator.endsWith('IfExists');
  const name = operator.replace(/^For(AnyValue|AllValues):/, '').replace(/IfExists$/, '');
  if (name === 'Null') return expected.some((value) => (value === 'true') === (actual === undefined));
  if (actual === undefined && ifExists) return true;
  const negated = NEGATED[name];
  if (negated) return actual === undefined || !expected.some((value) => COMPARISONS[negated]!(value, actual));
  const comparison = COMPARISONS[name];
  return (
    comparison !== undefined && actual !== undefined && expected.some((value) => comparison(value, actual))
  );
}

function globMatches(pattern: string, value: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === value;
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`, 's').test(value);
}

function list<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
