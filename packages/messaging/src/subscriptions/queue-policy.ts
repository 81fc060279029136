import { createHash } from 'node:crypto';

/** A statement of a resource policy. Other people's may have any form: they are passed on as they are. */
export type Statement = Readonly<Record<string, unknown>>;

export interface PolicyDocument {
  readonly [key: string]: unknown;
  readonly Statement: readonly Statement[];
}

const EMPTY: PolicyDocument = { Version: '2012-10-17', Statement: [] };

/** What a topic's statement is called in a queue's policy and in a function's: the same for all programs. */
export function statementId(topicArn: string): string {
  return `from-topic-${digest(topicArn)}`;
}

/**
 * What the statement is called that lets a topic leave undelivered messages in a queue: one a subscription, so that it goes
 * with its subscription while others keep theirs.
 */
export function deadLetterStatementId(topicArn: string, endpoint: string): string {
  return `undelivered-${digest(`${topicArn} ${endpoint}`)}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** A queue's `Policy` attribute; absent or empty where it has none. @throws SyntaxError */
export function parsePolicy(text: string | undefined): PolicyDocument {
  if (text === undefined || text === '') return EMPTY;
  const document = JSON.parse(text) as Record<string, unknown>;
  const { Statement: given = [] } = document;
  // IAM takes one statement without a list around it.
  return { ...document, Statement: (Array.isArray(given) ? given : [given]) as Statement[] };
}

/** The policy with the statement, in place of one of its name; undefined when it is there already. */
export function permitting(policy: PolicyDocument, statement: Statement): PolicyDocument | undefined {
  const present = policy.Statement.find(({ Sid }) => Sid === statement.Sid);
  if (present !== undefined && JSON.stringify(present) === JSON.stringify(statement)) return undefined;
  const others = policy.Statement.filter((each) => each !== present);
  return { ...policy, Statement: [...others, statement] };
}

/** The policy without the statement of that name; undefined when it has none. */
export function withdrawing(policy: PolicyDocument, sid: string): PolicyDocument | undefined {
  const others = policy.Statement.filter(({ Sid }) => Sid !== sid);
  return others.length === policy.Statement.length ? undefined : { ...policy, Statement: others };
}

/** An empty text takes a queue's policy away: SQS refuses a document without statements. */
export function renderPolicy(policy: PolicyDocument): string {
  return policy.Statement.length === 0 ? '' : JSON.stringify(policy);
}

/** https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html */
export function queueStatement(queueArn: string, topicArn: string, sid = statementId(topicArn)): Statement {
  return {
    Sid: sid,
    Effect: 'Allow',
    Principal: { Service: 'sns.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: queueArn,
    Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
  };
}
