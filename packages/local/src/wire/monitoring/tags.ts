import { ServiceError } from '../../engine';
import { invalid } from '../../monitoring';
import type { AlarmRecord } from '../../monitoring';
import type { Call, Input, Operations, Output } from '../protocol';
import { optionalText, text, textList } from '../protocol';
import { alarmsOf, structures } from './input';

const MAX_TAGS = 50;
const MAX_KEY = 128;
const MAX_VALUE = 256;

const ofResource = (input: Input) => text(input, 'ResourceARN');

export const tagOperations: Operations = {
  ListTagsForResource: {
    permission: 'cloudwatch:ListTagsForResource',
    resource: ofResource,
    run: (input, call) => ({
      Tags: Object.entries(taggedAlarm(input, call).tags).map(([Key, Value]) => ({ Key, Value })),
    }),
  },
  TagResource: { permission: 'cloudwatch:TagResource', resource: ofResource, run: tag },
  UntagResource: { permission: 'cloudwatch:UntagResource', resource: ofResource, run: untag },
};

async function tag(input: Input, call: Call): Promise<Output> {
  const alarm = taggedAlarm(input, call);
  const tags = { ...alarm.tags, ...tagsOf(input) };
  checkCount(tags);
  await alarmsOf(call).setTags(alarm.definition.name, tags);
  return {};
}

async function untag(input: Input, call: Call): Promise<Output> {
  const alarm = taggedAlarm(input, call);
  const keys = new Set(textList(input, 'TagKeys'));
  const kept = Object.entries(alarm.tags).filter(([key]) => !keys.has(key));
  await alarmsOf(call).setTags(alarm.definition.name, Object.fromEntries(kept));
  return {};
}

function taggedAlarm(input: Input, call: Call): AlarmRecord {
  const arn = text(input, 'ResourceARN');
  const name = /^arn:aws[a-z-]*:cloudwatch:[a-z0-9-]+:\d{12}:alarm:(.+)$/.exec(arn)?.[1];
  const alarms = alarmsOf(call);
  const alarm = name === undefined ? undefined : alarms.find(name);
  if (alarm?.arn === arn) return alarm;
  throw new ServiceError('ResourceNotFoundException', `Unknown resource ${arn.slice(0, 300)}`, 404);
}

/** The `Tags` of a request. @throws ServiceError ValidationError */
export function tagsOf(input: Input): Record<string, string> {
  const tags = new Map<string, string>();
  for (const each of structures(input, 'Tags')) {
    const key = text(each, 'Key');
    const value = optionalText(each, 'Value') ?? '';
    if (key.length > MAX_KEY || key.toLowerCase().startsWith('aws:')) {
      throw invalid(`A tag's key has 1 to ${MAX_KEY} characters and does not begin with aws:`);
    }
    if (value.length > MAX_VALUE) throw invalid(`A tag's value has ${MAX_VALUE} characters at most`);
    tags.set(key, value);
  }
  const all = Object.fromEntries(tags);
  checkCount(all);
  return all;
}

function checkCount(tags: Readonly<Record<string, string>>): void {
  if (Object.keys(tags).length > MAX_TAGS) throw invalid(`There may be ${MAX_TAGS} tags at most`);
}
