import { ServiceError } from '../engine';
import type { Locale } from '../engine';
import type { Input } from './protocol';
import { text, textList } from './protocol';

interface Policy {
  readonly Version: string;
  readonly Id?: string;
  readonly Statement: readonly { readonly Sid?: string }[];
}

const LABEL = /^[A-Za-z0-9_-]{1,80}$/;
const LABEL_RULE = 'It can include alphanumeric characters, hyphens and underscores, 1 to 80 in length.';
const ACCOUNT = /^\d{12}$/;

export interface PermissionNames {
  /** IAM's prefix: `sqs`. */
  readonly prefix: string;
  /** The parameters with the accounts and the actions. */
  readonly accounts: string;
  readonly actions: string;
  /** What is said of a label that the policy has already. @default SQS's words */
  readonly exists?: ServiceError;
}

/** AddPermission: the policy with a statement more. @throws ServiceError InvalidParameterValue */
export function addPermission(
  policy: string | undefined,
  input: Input,
  resource: string,
  names: PermissionNames,
): string {
  const label = text(input, 'Label');
  if (!LABEL.test(label)) {
    throw refuse(`Value ${label.slice(0, 200)} for parameter Label is invalid. Reason: ${LABEL_RULE}`);
  }
  const current = parse(policy);
  if (current.Statement.some((statement) => statement.Sid === label)) {
    throw names.exists ?? refuse(`Value ${label} for parameter Label is invalid. Reason: Already exists.`);
  }
  const accounts = textList(input, names.accounts);
  const actions = textList(input, names.actions);
  if (accounts.length === 0 || actions.length === 0) {
    throw new ServiceError(
      'MissingParameter',
      `The request must contain ${names.accounts} and ${names.actions}.`,
    );
  }
  const unknown = accounts.find((account) => !ACCOUNT.test(account));
  if (unknown !== undefined) {
    throw refuse(
      `Value ${unknown.slice(0, 200)} for parameter PrincipalId is invalid. Reason: Unable to verify.`,
    );
  }
  const statement = {
    Sid: label,
    Effect: 'Allow',
    Principal: { AWS: accounts.map((account) => `arn:aws:iam::${account}:root`) },
    Action: actions.map((action) => `${names.prefix}:${action}`),
    Resource: resource,
  };
  return JSON.stringify({ ...current, Statement: [...current.Statement, statement] });
}

/** RemovePermission: the policy without the labelled statement; empty if it was the last. @throws ServiceError */
export function removePermission(policy: string | undefined, input: Input): string {
  const label = text(input, 'Label');
  const current = parse(policy);
  const Statement = current.Statement.filter((statement) => statement.Sid !== label);
  if (Statement.length === current.Statement.length) {
    throw refuse(
      `Value ${label} for parameter Label is invalid. Reason: can't find label on existing policy.`,
    );
  }
  return Statement.length === 0 ? '' : JSON.stringify({ ...current, Statement });
}

/** What a topic's policy is until someone sets one: the account may do everything with it. */
export function defaultTopicPolicy(topicArn: string, locale: Locale): string {
  const Action = [
    'GetTopicAttributes',
    'SetTopicAttributes',
    'AddPermission',
    'RemovePermission',
    'DeleteTopic',
    'Subscribe',
    'ListSubscriptionsByTopic',
    'Publish',
  ].map((action) => `SNS:${action}`);
  const statement = {
    Sid: '__default_statement_ID',
    Effect: 'Allow',
    Principal: { AWS: '*' },
    Action,
    Resource: topicArn,
    Condition: { StringEquals: { 'AWS:SourceOwner': locale.accountId } },
  };
  return JSON.stringify({ Version: '2008-10-17', Id: '__default_policy_ID', Statement: [statement] });
}

function parse(policy: string | undefined): Policy {
  if (policy === undefined) return { Version: '2012-10-17', Statement: [] };
  const parsed = JSON.parse(policy) as Policy;
  return { ...parsed, Statement: [parsed.Statement].flat() };
}

function refuse(reason: string): ServiceError {
  return new ServiceError('InvalidParameterValue', reason);
}
