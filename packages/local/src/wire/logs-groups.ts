import { ServiceError } from '../engine';
import type { LogGroup, LogStream } from '../logs';
import {
  groupArn,
  groupName,
  invalid,
  logsOf,
  namedGroup,
  noStream,
  streamArn,
  streamName,
} from './logs-names';
import { page } from './paging';
import type { Call, Input, Operations, Output } from './protocol';
import { optionalInteger, optionalText, textList, textMap } from './protocol';

const MAX_PAGE = 50;
/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTIONS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** Groups, streams, and what is settled for them. */
export const logGroupOperations: Operations = {
  CreateLogGroup: { resource: groupArn, run: createLogGroup },
  DeleteLogGroup: {
    resource: groupArn,
    run: async (input, { context }) => {
      await logsOf(context).delete(groupName(input));
      return {};
    },
  },
  DescribeLogGroups: {
    resource: (_input, context) => `${logsOf(context).arn('')}:log-stream:`,
    run: describeLogGroups,
  },
  CreateLogStream: { resource: streamArn, run: createLogStream },
  DeleteLogStream: { resource: streamArn, run: deleteLogStream },
  DescribeLogStreams: { resource: groupArn, run: describeLogStreams },
  PutRetentionPolicy: {
    resource: groupArn,
    run: (input, call) => retain(input, call, optionalInteger(input, 'retentionInDays', 1, 3653) ?? 0),
  },
  DeleteRetentionPolicy: { resource: groupArn, run: (input, call) => retain(input, call, undefined) },
  ListTagsForResource: {
    resource: groupArn,
    run: (input, call) => ({ tags: namedGroup(input, call).settings.tags }),
  },
  ListTagsLogGroup: {
    resource: groupArn,
    run: (input, call) => ({ tags: namedGroup(input, call).settings.tags }),
  },
  TagResource: {
    resource: groupArn,
    run: (input, call) => tag(input, call, (tags) => ({ ...tags, ...textMap(input, 'tags') })),
  },
  UntagResource: {
    resource: groupArn,
    run: (input, call) => {
      const gone = new Set(textList(input, 'tagKeys'));
      return tag(input, call, (tags) =>
        Object.fromEntries(Object.entries(tags).filter(([key]) => !gone.has(key))),
      );
    },
  },
  DescribeSubscriptionFilters: {
    resource: groupArn,
    run: (input, call) => {
      const { name } = namedGroup(input, call);
      const filters = call.context.logSubscriptions ?? [];
      return {
        subscriptionFilters: filters
          .filter(({ groupName: of }) => of === name)
          .map((filter) => ({
            filterName: filter.name,
            logGroupName: filter.groupName,
            filterPattern: filter.pattern,
            destinationArn: filter.destinationArn,
            distribution: 'ByLogStream',
          })),
      };
    },
  },
};

async function createLogGroup(input: Input, { context }: Call): Promise<Output> {
  await logsOf(context).create({
    name: groupName(input),
    kmsKeyId: optionalText(input, 'kmsKeyId'),
    logGroupClass: optionalText(input, 'logGroupClass') ?? 'STANDARD',
    tags: textMap(input, 'tags'),
  });
  return {};
}

async function describeLogGroups(input: Input, { context }: Call): Promise<Output> {
  const store = logsOf(context);
  const prefix = optionalText(input, 'logGroupNamePrefix');
  const part = optionalText(input, 'logGroupNamePattern')?.toLowerCase();
  if (prefix !== undefined && part !== undefined) {
    throw invalid('LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.');
  }
  const found = store
    .list()
    .filter(({ name }) => name.startsWith(prefix ?? '') && name.toLowerCase().includes(part ?? ''));
  const shown = pageOf(input, found);
  return {
    logGroups: await Promise.all(shown.items.map((group) => describeGroup(group, store.arn(group.name)))),
    nextToken: shown.nextToken,
  };
}

async function describeGroup(group: LogGroup, logGroupArn: string): Promise<Output> {
  const { name, createdAt, retentionDays, logGroupClass, kmsKeyId } = group.settings;
  return {
    logGroupName: name,
    creationTime: createdAt,
    retentionInDays: retentionDays,
    metricFilterCount: 0,
    arn: `${logGroupArn}:*`,
    logGroupArn,
    storedBytes: await group.size(),
    logGroupClass,
    kmsKeyId,
  };
}

async function createLogStream(input: Input, call: Call): Promise<Output> {
  const group = namedGroup(input, call);
  const name = streamName(input);
  if (await group.hasStream(name)) {
    throw new ServiceError('ResourceAlreadyExistsException', 'The specified log stream already exists');
  }
  await group.makeStream(name);
  return {};
}

async function deleteLogStream(input: Input, call: Call): Promise<Output> {
  const group = namedGroup(input, call);
  const name = streamName(input);
  if (!(await group.hasStream(name))) throw noStream();
  await group.deleteStream(name);
  return {};
}

async function describeLogStreams(input: Input, call: Call): Promise<Output> {
  const group = namedGroup(input, call);
  const prefix = optionalText(input, 'logStreamNamePrefix') ?? '';
  const order = optionalText(input, 'orderBy') ?? 'LogStreamName';
  if (order === 'LastEventTime' && prefix !== '') {
    throw invalid('Cannot order by LastEventTime with a logStreamNamePrefix.');
  }
  if (order !== 'LastEventTime' && order !== 'LogStreamName') throw invalid(`orderBy ${order} is not known.`);
  const key = ({ name, lastEventAt = 0 }: LogStream) => (order === 'LogStreamName' ? name : lastEventAt);
  const streams = (await group.allStreams())
    .filter(({ name }) => name.startsWith(prefix))
    .sort((a, b) => (key(a) < key(b) ? -1 : 1));
  if (input['descending'] === true) streams.reverse();
  const arn = logsOf(call.context).arn(group.name);
  const shown = pageOf(input, streams);
  return { logStreams: shown.items.map((stream) => describeStream(stream, arn)), nextToken: shown.nextToken };
}

function describeStream(stream: LogStream, arn: string): Output {
  return {
    logStreamName: stream.name,
    creationTime: stream.createdAt,
    firstEventTimestamp: stream.firstEventAt,
    lastEventTimestamp: stream.lastEventAt,
    lastIngestionTime: stream.lastIngestedAt,
    arn: `${arn}:log-stream:${stream.name}`,
    storedBytes: 0,
  };
}

function pageOf<T>(input: Input, items: readonly T[]) {
  const size = optionalInteger(input, 'limit', 1, MAX_PAGE) ?? MAX_PAGE;
  return page(items, size, optionalText(input, 'nextToken'), 'InvalidParameterException');
}

async function retain(input: Input, call: Call, retentionDays: number | undefined): Promise<Output> {
  if (retentionDays !== undefined && !RETENTIONS.includes(retentionDays)) {
    throw invalid(`retentionInDays must be one of ${RETENTIONS.join(', ')}.`);
  }
  const group = namedGroup(input, call);
  await group.change({ ...group.settings, retentionDays });
  return {};
}

async function tag(
  input: Input,
  call: Call,
  changed: (tags: Readonly<Record<string, string>>) => Record<string, string>,
): Promise<Output> {
  const group = namedGroup(input, call);
  await group.change({ ...group.settings, tags: changed(group.settings.tags) });
  return {};
}
