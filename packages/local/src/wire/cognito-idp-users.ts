import { newTemporaryPassword } from '../cognito/passwords';
import type { User } from '../cognito';
import { ServiceError } from '../engine';
import { attributesOf, describeUser, invalid, onPool, poolOf, userPoolsOf } from './cognito-idp-input';
import { paged } from './cognito-idp-pools';
import type { Call, Input, Operations, Output } from './protocol';
import { optionalText, text } from './protocol';

const FILTER = /^\s*"?([\w:]+)"?\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*$/;

/** What administrators do with users. */
export const userOperations: Operations = {
  AdminAddUserToGroup: onPool((input, { context }) => {
    const { pool } = poolOf(input, context);
    pool.addToGroup(text(input, 'Username'), text(input, 'GroupName'));
    return {};
  }),
  AdminCreateUser: onPool(adminCreateUser),
  AdminDeleteUser: onPool((input, { context }) => {
    poolOf(input, context).pool.delete(text(input, 'Username'));
    return {};
  }),
  AdminDisableUser: onPool((input, call) => setEnabled(input, call, false)),
  AdminEnableUser: onPool((input, call) => setEnabled(input, call, true)),
  AdminGetUser: onPool((input, { context }) => {
    const { pool } = poolOf(input, context);
    return describeUser(pool.get(text(input, 'Username')), 'UserAttributes');
  }),
  AdminListGroupsForUser: onPool(adminListGroupsForUser),
  AdminRemoveUserFromGroup: onPool((input, { context }) => {
    const { pool } = poolOf(input, context);
    pool.removeFromGroup(text(input, 'Username'), text(input, 'GroupName'));
    return {};
  }),
  AdminSetUserPassword: onPool((input, { context }) => {
    const { pool } = poolOf(input, context);
    pool.setPassword(text(input, 'Username'), text(input, 'Password'), input['Permanent'] === true);
    return {};
  }),
  AdminUpdateUserAttributes: onPool((input, { context }) => {
    const { pool } = poolOf(input, context);
    pool.setAttributes(text(input, 'Username'), attributesOf(input, 'UserAttributes'));
    return {};
  }),
  AdminUserGlobalSignOut: onPool((input, { context }) => {
    const { pool } = poolOf(input, context);
    pool.endSessionsOf(pool.get(text(input, 'Username')).username);
    return {};
  }),
  ListUsers: onPool(listUsers),
  ListUsersInGroup: onPool(listUsersInGroup),
};

/** Without a password of its own, somebody new gets one that Cognito would mail. */
function adminCreateUser(input: Input, { context }: Call): Output {
  const { pool } = poolOf(input, context);
  const name = text(input, 'Username');
  const given = optionalText(input, 'TemporaryPassword');
  const password = given ?? newTemporaryPassword(pool.config.passwords);
  const action = optionalText(input, 'MessageAction');
  const isAgain = action === 'RESEND';
  if (isAgain) inviteAgain(pool.get(name));
  const user = isAgain ? pool.get(name) : pool.create(name, attributesOf(input, 'UserAttributes'), password);
  if (isAgain) pool.setPassword(name, password, false);
  if (action !== 'SUPPRESS') userPoolsOf(context).onInvited(name, password);
  return { User: describeUser(user, 'Attributes') };
}

/** @throws ServiceError UnsupportedUserStateException */
function inviteAgain({ status }: User): void {
  if (status === 'FORCE_CHANGE_PASSWORD') return;
  throw new ServiceError(
    'UnsupportedUserStateException',
    `Resend not possible. ${status} is not allowed for the user state.`,
  );
}

function setEnabled(input: Input, { context }: Call, enabled: boolean): Output {
  poolOf(input, context).pool.setEnabled(text(input, 'Username'), enabled);
  return {};
}

function adminListGroupsForUser(input: Input, { context }: Call): Output {
  const { pool } = poolOf(input, context);
  const { items, nextToken } = paged(pool.get(text(input, 'Username')).groups, input, 'Limit');
  return {
    Groups: items.map((GroupName) => ({ GroupName, UserPoolId: pool.config.id })),
    NextToken: nextToken,
  };
}

function listUsers(input: Input, { context }: Call): Output {
  const { pool } = poolOf(input, context);
  const filter = filterOf(optionalText(input, 'Filter') ?? '');
  const { items, nextToken } = paged(pool.users.filter(filter), input, 'Limit', 'PaginationToken');
  const chosen = input['AttributesToGet'];
  const names = Array.isArray(chosen) ? chosen.map(String) : undefined;
  return {
    Users: items.map((user) => describeUser(user, 'Attributes', names)),
    PaginationToken: nextToken,
  };
}

function listUsersInGroup(input: Input, { context }: Call): Output {
  const { pool } = poolOf(input, context);
  const group = text(input, 'GroupName');
  if (!pool.config.groups.includes(group)) {
    throw new ServiceError('ResourceNotFoundException', 'Group not found.');
  }
  const members = pool.users.filter(({ groups }) => groups.includes(group));
  const { items, nextToken } = paged(members, input, 'Limit');
  return { Users: items.map((user) => describeUser(user, 'Attributes')), NextToken: nextToken };
}

/**
 * `email = "ada@example.org"`, `username ^= "a"`
 * @throws ServiceError InvalidParameterException
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-manage-user-accounts.html#cognito-user-pools-searching-for-users-using-listusers-api
 */
function filterOf(filter: string): (user: User) => boolean {
  if (filter === '') return () => true;
  const [match, name = '', operator, quoted = ''] = FILTER.exec(filter) ?? [];
  if (match === undefined) throw invalid('Error while parsing filter.');
  const wanted = quoted.replaceAll(/\\(.)/g, '$1');
  return (user) => {
    const value = valueOf(user, name);
    return operator === '=' ? value === wanted : value?.startsWith(wanted) === true;
  };
}

/** @throws ServiceError InvalidParameterException for an attribute that cannot be searched for */
function valueOf(user: User, name: string): string | undefined {
  switch (name) {
    case 'username':
      return user.username;
    case 'cognito:user_status':
      return user.status;
    case 'status':
      return user.enabled ? 'Enabled' : 'Disabled';
    case 'sub':
    case 'email':
    case 'phone_number':
    case 'name':
    case 'given_name':
    case 'family_name':
    case 'preferred_username':
      return user.attributes[name];
    default:
      throw invalid(`The attribute ${name} is not searchable.`);
  }
}
