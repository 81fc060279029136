import { ServiceError } from '../engine';
import { busNameOf } from '../events';
import type { Bus } from '../events';
import { busArnOf, invalid, optionalMember, registryOf, requestedBus, tagsOf } from './eventbridge-input';
import { page } from './paging';
import type { Call, Input, Operations, Output, WireContext } from './protocol';
import { isInput, optionalInteger, optionalText, text } from './protocol';

const BUS_NAME = /^[.\-_A-Za-z0-9]{1,256}$/;
const MAX_RESULTS = 100;

const ofBus = (input: Input, context: WireContext) => busArnOf(input, context);
const named = (input: Input, context: WireContext) => busArnOf(input, context, 'Name');

export const busOperations: Operations = {
  CreateEventBus: { resource: named, run: createEventBus },
  DeleteEventBus: { resource: named, run: deleteEventBus },
  DescribeEventBus: { resource: named, run: describeEventBus },
  ListEventBuses: { run: listEventBuses },
  PutPermission: { resource: ofBus, run: putPermission },
  RemovePermission: { resource: ofBus, run: removePermission },
  UpdateEventBus: { resource: named, run: updateEventBus },
};

function createEventBus(input: Input, { context }: Call): Output {
  const registry = registryOf(context);
  const name = text(input, 'Name');
  if (!BUS_NAME.test(name)) {
    throw invalid(
      `1 validation error detected: Value '${name.slice(0, 100)}' at 'name' failed to satisfy constraint: ` +
        'Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+',
    );
  }
  if (registry.findBus(name) !== undefined) {
    throw new ServiceError('ResourceAlreadyExistsException', `Event bus ${name} already exists.`);
  }
  const bus: Bus = {
    arn: registry.busArn(name),
    name,
    ...settingsOf(input),
    tags: tagsOf(input),
    declared: false,
    createdAt: registry.now,
    modifiedAt: registry.now,
  };
  registry.putBus(bus);
  return { EventBusArn: bus.arn, ...describeSettings(bus) };
}

/** What is not given is no more. */
function updateEventBus(input: Input, { context }: Call): Output {
  const registry = registryOf(context);
  const bus = { ...busOf(input, context), ...settingsOf(input), modifiedAt: registry.now };
  registry.putBus(bus);
  return { Arn: bus.arn, Name: bus.name, ...describeSettings(bus) };
}

function settingsOf(input: Input): Pick<Bus, 'description' | 'kmsKeyId' | 'deadLetterArn'> {
  const deadLetters = optionalMember(input, 'DeadLetterConfig');
  return {
    description: optionalText(input, 'Description'),
    kmsKeyId: optionalText(input, 'KmsKeyIdentifier'),
    deadLetterArn: deadLetters && optionalText(deadLetters, 'Arn'),
  };
}

function describeSettings({ description, kmsKeyId, deadLetterArn }: Bus): Output {
  return {
    Description: description,
    KmsKeyIdentifier: kmsKeyId,
    DeadLetterConfig: deadLetterArn === undefined ? undefined : { Arn: deadLetterArn },
  };
}

/** One that is not there is gone already. */
function deleteEventBus(input: Input, { context }: Call): Output {
  const registry = registryOf(context);
  const name = busNameOf(text(input, 'Name'));
  if (registry.findBus(name) !== undefined) registry.deleteBus(name);
  return {};
}

function describeEventBus(input: Input, { context }: Call): Output {
  const bus = busOf(input, context);
  return { ...describe(bus), ...describeSettings(bus) };
}

function busOf(input: Input, context: WireContext): Bus {
  return registryOf(context).bus(optionalText(input, 'Name'));
}

function listEventBuses(input: Input, { context }: Call): Output {
  const prefix = optionalText(input, 'NamePrefix') ?? '';
  const size = optionalInteger(input, 'Limit', 1, MAX_RESULTS) ?? MAX_RESULTS;
  const all = registryOf(context)
    .listBuses()
    .filter(({ name }) => name.startsWith(prefix));
  const { items, nextToken } = page(all, size, optionalText(input, 'NextToken'), 'ValidationException');
  return { EventBuses: items.map(describe), NextToken: nextToken };
}

function describe({ name, arn, description, policy, createdAt, modifiedAt }: Bus): Output {
  return {
    Name: name,
    Arn: arn,
    Description: description,
    Policy: policy,
    CreationTime: createdAt / 1000,
    LastModifiedTime: modifiedAt / 1000,
  };
}

interface Policy {
  readonly Version: string;
  readonly Statement: readonly Input[];
}

function putPermission(input: Input, { context }: Call): Output {
  const bus = requestedBus(input, context);
  const whole = optionalText(input, 'Policy');
  if (whole !== undefined) {
    if (!isPolicy(whole)) throw invalid('Parameter Policy is not valid. Reason: it is no policy.');
    savePolicy(bus, whole, context);
    return {};
  }
  const id = text(input, 'StatementId');
  const { accountId } = context.broker.locale;
  const principal = text(input, 'Principal');
  const condition = optionalMember(input, 'Condition');
  const statement = {
    Sid: id,
    Effect: 'Allow',
    Principal: principal === '*' ? '*' : { AWS: `arn:aws:iam::${principal || accountId}:root` },
    Action: text(input, 'Action'),
    Resource: bus.arn,
    Condition: condition && {
      [text(condition, 'Type')]: { [text(condition, 'Key')]: text(condition, 'Value') },
    },
  };
  saveStatements(bus, [...statementsOf(bus).filter(({ Sid }) => Sid !== id), statement], context);
  return {};
}

/** @throws ServiceError ResourceNotFoundException */
function removePermission(input: Input, { context }: Call): Output {
  const bus = requestedBus(input, context);
  const id = optionalText(input, 'StatementId');
  const isAll = input.RemoveAllPermissions === true;
  const left = isAll ? [] : statementsOf(bus).filter(({ Sid }) => Sid !== id);
  if (!isAll && left.length === statementsOf(bus).length) {
    throw new ServiceError('ResourceNotFoundException', 'Statement with the provided id does not exist.');
  }
  saveStatements(bus, left, context);
  return {};
}

function isPolicy(json: string): boolean {
  try {
    const policy: unknown = JSON.parse(json);
    return isInput(policy) && Array.isArray(policy.Statement);
  } catch {
    return false;
  }
}

function statementsOf({ policy }: Bus): readonly Input[] {
  return policy === undefined ? [] : (JSON.parse(policy) as Policy).Statement;
}

function saveStatements(bus: Bus, Statement: readonly Input[], context: WireContext): void {
  savePolicy(
    bus,
    Statement.length === 0 ? undefined : JSON.stringify({ Version: '2012-10-17', Statement }),
    context,
  );
}

function savePolicy(bus: Bus, policy: string | undefined, context: WireContext): void {
  const registry = registryOf(context);
  registry.putBus({ ...bus, policy, modifiedAt: registry.now });
}
