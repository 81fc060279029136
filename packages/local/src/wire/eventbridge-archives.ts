import { ServiceError } from '../engine';
import { busNameOf } from '../events';
import type { Archive, Archives, Replay } from '../events';
import { busesOf, invalid, optionalMember, optionalMoment, registryOf } from './eventbridge-input';
import { page } from './paging';
import type { Call, Input, Operation, Operations, Output, WireContext } from './protocol';
import { optionalInteger, optionalText, text, textList } from './protocol';

const NAME = /^[.\-_A-Za-z0-9]{1,64}$/;
const MAX_RESULTS = 100;

const archivesOf = (context: WireContext): Archives => busesOf(context).archives;
const arnOf = (kind: string, name: string, context: WireContext) => {
  const { region, accountId } = context.broker.locale;
  return `arn:aws:events:${region}:${accountId}:${kind}/${name}`;
};
const onArchive = (run: Operation['run']): Operation => ({
  resource: (input, context) => arnOf('archive', text(input, 'ArchiveName'), context),
  run,
});
const onReplay = (run: Operation['run']): Operation => ({
  resource: (input, context) => arnOf('replay', text(input, 'ReplayName'), context),
  run,
});

export const archiveOperations: Operations = {
  CancelReplay: onReplay(cancelReplay),
  CreateArchive: onArchive(createArchive),
  DeleteArchive: onArchive(deleteArchive),
  DescribeArchive: onArchive(describeArchive),
  DescribeReplay: onReplay((input, { context }) => describeReplay(requestedReplay(input, context))),
  ListArchives: { run: listArchives },
  ListReplays: { run: listReplays },
  StartReplay: onReplay(startReplay),
  UpdateArchive: onArchive(updateArchive),
};

function createArchive(input: Input, { context }: Call): Output {
  const name = named(input, 'ArchiveName');
  if (archivesOf(context).find(name) !== undefined) {
    throw new ServiceError('ResourceAlreadyExistsException', `Archive ${name} already exists.`);
  }
  const bus = registryOf(context).bus(text(input, 'EventSourceArn'));
  const archive: Archive = {
    arn: arnOf('archive', name, context),
    name,
    busName: bus.name,
    ...settingsOf(input),
    declared: false,
    createdAt: registryOf(context).now,
  };
  archivesOf(context).put(archive);
  return told(archive);
}

function updateArchive(input: Input, { context }: Call): Output {
  const archive = { ...requestedArchive(input, context), ...settingsOf(input) };
  archivesOf(context).put(archive);
  return told(archive);
}

function settingsOf(input: Input): Pick<Archive, 'pattern' | 'retentionDays' | 'description'> {
  return {
    pattern: optionalText(input, 'EventPattern'),
    retentionDays: optionalInteger(input, 'RetentionDays', 0, Number.MAX_SAFE_INTEGER) ?? 0,
    description: optionalText(input, 'Description'),
  };
}

function told({ arn, createdAt }: Archive): Output {
  return { ArchiveArn: arn, State: 'ENABLED', CreationTime: createdAt / 1000 };
}

async function deleteArchive(input: Input, { context }: Call): Promise<Output> {
  await archivesOf(context).delete(requestedArchive(input, context).name);
  return {};
}

async function describeArchive(input: Input, { context }: Call): Promise<Output> {
  const archive = requestedArchive(input, context);
  return {
    ...(await describe(archive, context)),
    ArchiveArn: archive.arn,
    Description: archive.description,
    EventPattern: archive.pattern,
  };
}

async function describe(archive: Archive, context: WireContext): Promise<Output> {
  const { events, bytes } = await archivesOf(context).size(archive.name);
  return {
    ArchiveName: archive.name,
    EventSourceArn: registryOf(context).busArn(archive.busName),
    State: 'ENABLED',
    RetentionDays: archive.retentionDays,
    SizeBytes: bytes,
    EventCount: events,
    CreationTime: archive.createdAt / 1000,
  };
}

async function listArchives(input: Input, { context }: Call): Promise<Output> {
  const all = archivesOf(context)
    .list()
    .filter(({ name }) => name.startsWith(optionalText(input, 'NamePrefix') ?? ''));
  const { items, nextToken } = paged(all, input);
  return {
    Archives: await Promise.all(items.map((archive) => describe(archive, context))),
    NextToken: nextToken,
  };
}

function startReplay(input: Input, { context }: Call): Output {
  const name = named(input, 'ReplayName');
  if (archivesOf(context).findReplay(name) !== undefined) {
    throw new ServiceError('ResourceAlreadyExistsException', `Replay ${name} already exists.`);
  }
  const archiveArn = text(input, 'EventSourceArn');
  const archive = archivesOf(context)
    .list()
    .find(({ arn }) => arn === archiveArn);
  if (archive === undefined) throw notFound(`Archive ${archiveArn} does not exist.`);
  const destination = optionalMember(input, 'Destination') ?? {};
  const busArn = text(destination, 'Arn');
  if (busNameOf(busArn) !== archive.busName) {
    throw invalid(
      'Parameter Destination.Arn is not valid. Reason: events go to the bus that they came from.',
    );
  }
  const from = optionalMoment(input, 'EventStartTime');
  const until = optionalMoment(input, 'EventEndTime');
  if (from === undefined || until === undefined || from >= until) {
    throw invalid('Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.');
  }
  const replay: Replay = {
    arn: arnOf('replay', name, context),
    name,
    description: optionalText(input, 'Description'),
    archiveArn,
    archiveName: archive.name,
    busArn,
    busName: archive.busName,
    ruleArns: textList(destination, 'FilterArns'),
    from,
    until,
    state: 'RUNNING',
    startedAt: registryOf(context).now,
  };
  archivesOf(context).startReplay(replay);
  return { ReplayArn: replay.arn, State: 'STARTING', ReplayStartTime: replay.startedAt / 1000 };
}

function cancelReplay(input: Input, { context }: Call): Output {
  const replay = requestedReplay(input, context);
  if (replay.state !== 'RUNNING') {
    throw new ServiceError('IllegalStatusException', `Replay ${replay.name} is not running.`);
  }
  archivesOf(context).cancelReplay(replay);
  return { ReplayArn: replay.arn, State: 'CANCELLING' };
}

function listReplays(input: Input, { context }: Call): Output {
  const all = archivesOf(context)
    .replays()
    .filter(({ name }) => name.startsWith(optionalText(input, 'NamePrefix') ?? ''));
  const { items, nextToken } = paged(all, input);
  return { Replays: items.map(describeReplay), NextToken: nextToken };
}

function describeReplay(replay: Replay): Output {
  return {
    ReplayName: replay.name,
    ReplayArn: replay.arn,
    Description: replay.description,
    State: replay.state,
    EventSourceArn: replay.archiveArn,
    Destination: {
      Arn: replay.busArn,
      ...(replay.ruleArns.length > 0 && { FilterArns: replay.ruleArns }),
    },
    EventStartTime: replay.from / 1000,
    EventEndTime: replay.until / 1000,
    ReplayStartTime: replay.startedAt / 1000,
    ReplayEndTime: replay.endedAt === undefined ? undefined : replay.endedAt / 1000,
  };
}

function paged<T>(all: readonly T[], input: Input) {
  const size = optionalInteger(input, 'Limit', 1, MAX_RESULTS) ?? MAX_RESULTS;
  return page(all, size, optionalText(input, 'NextToken'), 'ValidationException');
}

function requestedArchive(input: Input, context: WireContext): Archive {
  const name = text(input, 'ArchiveName');
  const archive = archivesOf(context).find(name);
  if (archive === undefined) throw notFound(`Archive ${name} does not exist.`);
  return archive;
}

function requestedReplay(input: Input, context: WireContext): Replay {
  const name = text(input, 'ReplayName');
  const replay = archivesOf(context).findReplay(name);
  if (replay === undefined) throw notFound(`Replay ${name} does not exist.`);
  return replay;
}

function named(input: Input, member: string): string {
  const name = text(input, member);
  if (NAME.test(name)) return name;
  throw invalid(`${member} must match [\\.\\-_A-Za-z0-9]{1,64}.`);
}

function notFound(message: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', message);
}
