import type { ClientConfig, HostedUserPool, User, UserPools } from '../cognito';
import { ServiceError } from '../engine';
import type { Input, Operation, Output, WireContext } from './protocol';
import { isInput, text } from './protocol';

/** An operation on a pool, judged by the pool's ARN. */
export function onPool(run: Operation['run']): Operation {
  return { resource: poolArn, run };
}

/** An operation that nobody signs. */
export function open(run: Operation['run']): Operation {
  return { permissions: () => [], run };
}

/** @throws ServiceError where the endpoint runs without user pools */
export function userPoolsOf({ userPools }: WireContext): UserPools {
  if (userPools !== undefined) return userPools;
  throw notFound('The stack has no user pool.');
}

/** @throws ServiceError ResourceNotFoundException */
export function poolOf(input: Input, context: WireContext): HostedUserPool {
  const id = text(input, 'UserPoolId');
  const hosted = userPoolsOf(context).find(id);
  if (hosted !== undefined) return hosted;
  throw notFound(`User pool ${id.slice(0, 100)} does not exist.`);
}

/** The client that is named, and its pool. @throws ServiceError ResourceNotFoundException */
export function clientOf(
  input: Input,
  context: WireContext,
): { readonly hosted: HostedUserPool; readonly client: ClientConfig } {
  const id = text(input, 'ClientId');
  const found = userPoolsOf(context).ofClient(id);
  const isInPool = input['UserPoolId'] === undefined || found?.hosted === poolOf(input, context);
  if (found !== undefined && isInPool) return found;
  throw notFound(`User pool client ${id.slice(0, 100)} does not exist.`);
}

/** A list of names and values as Cognito has attributes. @throws ServiceError InvalidParameterException */
export function attributesOf(input: Input, member: string): Record<string, string> {
  const list = input[member] ?? [];
  if (!Array.isArray(list)) throw invalid(`${member} must be a list.`);
  return Object.fromEntries(
    list.map((each: unknown): [string, string] => {
      const { Name, Value } = isInput(each) ? each : {};
      if (typeof Name !== 'string' || Name === '') throw invalid(`Each of ${member} needs a Name.`);
      if (Name === 'sub') throw invalid('user.sub: Attribute cannot be updated.');
      return [Name, typeof Value === 'string' ? Value : ''];
    }),
  );
}

/** A user as lists show it. @param attributesName `Attributes` or `UserAttributes` */
export function describeUser(user: User, attributesName: string, chosen?: readonly string[]): Output {
  const { sub, ...others } = user.attributes;
  const attributes = [
    { Name: 'sub', Value: sub ?? user.sub },
    ...Object.entries(others).map(([Name, Value]) => ({ Name, Value })),
  ];
  return {
    Username: user.username,
    [attributesName]: chosen ? attributes.filter(({ Name }) => chosen.includes(Name)) : attributes,
    UserCreateDate: user.createdAt / 1000,
    UserLastModifiedDate: user.changedAt / 1000,
    Enabled: user.enabled,
    UserStatus: user.status,
  };
}

export function invalid(message: string): ServiceError {
  return new ServiceError('InvalidParameterException', message);
}

function notFound(message: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', message);
}

function poolArn(input: Input, { broker }: WireContext): string {
  const { region, accountId } = broker.locale;
  return `arn:aws:cognito-idp:${region}:${accountId}:userpool/${text(input, 'UserPoolId')}`;
}
