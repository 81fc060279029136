import { isDeepStrictEqual } from 'node:util';
import { Lazy } from 'cdktf';

/** IAM's condition block: operator, key, values. */
export type Condition = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** Who a statement of a resource policy speaks of; `*` only in denials and in policies of VPC endpoints. */
export type Principal = '*' | { readonly Service: string } | { readonly AWS: string };

export interface Statement {
  /** Unique in its policy, letters and digits. */
  readonly sid: string;
  /** @default 'Allow' */
  readonly effect?: 'Allow' | 'Deny';
  /** Resource policies only. @default the role that has the policy */
  readonly principal?: Principal;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** @default always */
  readonly condition?: Condition;
}

/** One of our resources, in whose name an AWS service delivers to a queue or a topic. */
export interface EventSource {
  readonly service: 's3' | 'events';
  readonly arn: string;
}

/** Whoever has a role that statements can be added to: a function, a schedule. */
export interface Grantee {
  /** Rights for what AWS calls in the role's name. */
  grantIndirect(statement: Statement): void;
}

/** Where AWS can send what somebody is done with, or gave up on: a queue, a topic, a function, an event bus. */
export interface Destination {
  readonly name: string;
  readonly arn: string;
  readonly isFifo: boolean;
  grantDelivery(grantee: Grantee): void;
}

/**
 * One policy document. Statements accumulate and the text is rendered when the stack is synthesized, so a queue or a
 * role has a single policy however many constructs grant on it.
 *
 * Statements under one sid are merged: their resources and condition values become lists. That keeps a policy under
 * SQS's limit of 20 statements with any number of topics. The synth fails where they speak of other actions,
 * principals or condition keys.
 */
export class PolicyDocument {
  private readonly statements: Statement[];

  constructor(statements: readonly Statement[] = []) {
    this.statements = [...statements];
  }

  add(statement: Statement): void {
    this.statements.push(statement);
  }

  /** The JSON text, as a token that is resolved after every statement was added. */
  get json(): string {
    // Merged when references are resolved: before that, two references to the same attribute are different texts.
    return Lazy.stringValue({
      produce: (context) => render(context.resolve(this.statements) as Statement[]),
    });
  }
}

function render(statements: readonly Statement[]): string {
  const merged = new Map<string, Statement>();
  for (const statement of statements) {
    const known = merged.get(statement.sid);
    merged.set(statement.sid, known ? merge(known, statement) : statement);
  }
  return JSON.stringify({ Version: '2012-10-17', Statement: [...merged.values()].map(rendered) });
}

/** Who may assume a role: one AWS service. */
export function trustPolicy(service: string, condition?: Condition): string {
  const statement = { Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' };
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [condition ? { ...statement, Condition: condition } : statement],
  });
}

const SOURCE_LABELS: Readonly<Record<EventSource['service'], string>> = { s3: 'Buckets', events: 'Rules' };

/**
 * Lets the service do this in the name of that resource only. A bucket's ARN names no account, and its name is free for
 * others when it is gone: hence the account as well.
 */
export function deliveryStatement(
  { service, arn }: EventSource,
  accountId: string,
  actions: readonly string[],
  resource: string,
): Statement {
  return {
    sid: SOURCE_LABELS[service],
    principal: { Service: `${service}.amazonaws.com` },
    actions,
    resources: [resource],
    condition: {
      ArnEquals: { 'aws:SourceArn': [arn] },
      StringEquals: { 'aws:SourceAccount': [accountId] },
    },
  };
}

/** Refuses requests that did not come over TLS, whoever sends them. */
export function denyInsecureTransport(
  actions: readonly string[],
  ...resources: readonly string[]
): Statement {
  return {
    sid: 'DenyInsecureTransport',
    effect: 'Deny',
    principal: '*',
    actions,
    resources,
    condition: { Bool: { 'aws:SecureTransport': ['false'] } },
  };
}

function rendered(statement: Statement) {
  return {
    Sid: statement.sid,
    Effect: statement.effect ?? 'Allow',
    ...(statement.principal && { Principal: statement.principal }),
    Action: statement.actions,
    Resource: statement.resources,
    ...(statement.condition && { Condition: statement.condition }),
  };
}

function merge(known: Statement, added: Statement): Statement {
  const shape = ({ effect, principal, actions, condition }: Statement) => ({
    effect,
    principal,
    actions,
    keys: Object.entries(condition ?? {}).map(([operator, keys]) => [operator, Object.keys(keys)]),
  });
  if (!isDeepStrictEqual(shape(known), shape(added))) {
    throw new Error(`the policy has a statement ${known.sid} about something else`);
  }
  return {
    ...known,
    resources: union(known.resources, added.resources),
    condition: known.condition && mergeConditions(known.condition, added.condition ?? {}),
  };
}

function mergeConditions(known: Condition, added: Condition): Condition {
  return mapValues(known, (keys, operator) =>
    mapValues(keys, (values, key) => union(values, added[operator]?.[key] ?? [])),
  );
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A, key: string) => B) {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}

function union(known: readonly string[], added: readonly string[]): string[] {
  return [...new Set([...known, ...added])];
}
