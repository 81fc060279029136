import type { Found, Rule } from '../rule';
import { queue, topic } from '../rule';

interface Statement {
  readonly Sid?: unknown;
  readonly Effect?: unknown;
  readonly Principal?: unknown;
  readonly NotPrincipal?: unknown;
  readonly Condition?: unknown;
}

/** Conditions that tell who may, whatever the principal says; by their lower-case names. */
const WHO = new Set([
  'aws:sourcearn',
  'aws:sourceaccount',
  'aws:sourceowner',
  'aws:sourceorgid',
  'aws:sourceorgpaths',
  'aws:sourceip',
  'aws:vpcsourceip',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:principalarn',
  'aws:principalaccount',
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:userid',
]);

/** Anybody with an AWS account, or without one, may do something with it. */
export const policyOpenToTheWorld: Rule = {
  name: 'policy-open-to-the-world',
  severity: 'high',
  needs: ['queue', 'topic'],
  *find({ queues, topics }) {
    for (const info of queues.values()) yield* openStatements(info.policy, queue(info));
    for (const info of topics.values()) yield* openStatements(info.policy, topic(info));
  },
};

function* openStatements(
  policy: Readonly<Record<string, unknown>> | null,
  resource: Found['resource'],
): Iterable<Found> {
  for (const statement of statementsOf(policy)) {
    if (!isOpen(statement)) continue;
    const { Sid } = statement;
    const which = typeof Sid === 'string' ? `Statement "${Sid}" of its policy` : 'A statement of its policy';
    const to =
      resource.type === 'queue'
        ? 'aws:SourceArn or aws:PrincipalOrgID'
        : 'aws:SourceAccount or aws:PrincipalOrgID';
    yield {
      resource,
      reason: `${which} allows everybody in the world`,
      remedy: `Policy: a Principal that names who may, or a Condition with ${to}`,
    };
  }
}

function statementsOf(policy: Readonly<Record<string, unknown>> | null): Statement[] {
  const statements = policy?.['Statement'];
  const all: unknown[] = Array.isArray(statements) ? statements : [statements];
  return all.filter((statement) => typeof statement === 'object' && statement !== null);
}

function isOpen({ Effect, Principal, NotPrincipal, Condition }: Statement): boolean {
  if (Effect !== 'Allow') return false;
  return (NotPrincipal !== undefined || isEverybody(Principal)) && !tellsWho(Condition);
}

function isEverybody(principal: unknown): boolean {
  if (principal === '*') return true;
  if (typeof principal !== 'object' || principal === null) return false;
  const aws = (principal as Record<string, unknown>)['AWS'];
  return (Array.isArray(aws) ? aws : [aws]).includes('*');
}

function tellsWho(condition: unknown): boolean {
  if (typeof condition !== 'object' || condition === null) return false;
  return Object.entries(condition).some(([operator, keys]) => isPositive(operator) && namesOne(keys));
}

/** `StringNotEquals` keeps one out and lets the others in. */
function isPositive(operator: string): boolean {
  return !/Not|IfExists|^Null$/.test(operator);
}

function namesOne(keys: unknown): boolean {
  if (typeof keys !== 'object' || keys === null) return false;
  return Object.entries(keys).some(([key, values]) => {
    const all: unknown[] = Array.isArray(values) ? values : [values];
    return (
      WHO.has(key.toLowerCase()) &&
      !all.some((value) => value === '*' || value === '0.0.0.0/0' || value === '::/0')
    );
  });
}
