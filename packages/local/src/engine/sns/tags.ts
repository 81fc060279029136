import { invalidParameter, ServiceError } from '../errors';

export type Tags = Readonly<Record<string, string>>;

// https://docs.aws.amazon.com/sns/latest/dg/sns-tags.html
const MAX_TAGS = 50;
const MAX_KEY = 128;
const MAX_VALUE = 256;

/** @throws ServiceError InvalidParameter, TagLimitExceeded */
export function checkTags(tags: Tags): void {
  const entries = Object.entries(tags);
  if (entries.length > MAX_TAGS) {
    throw new ServiceError(
      'TagLimitExceeded',
      `Could not complete request: tag quota of ${MAX_TAGS} per resource exceeded`,
    );
  }
  for (const [key, value] of entries) {
    if (key === '' || key.length > MAX_KEY || key.toLowerCase().startsWith('aws:')) {
      throw invalidParameter(
        `Tags Reason: the key must have 1 to ${MAX_KEY} characters and not begin with aws:, and is ${key.slice(0, 200)}`,
      );
    }
    if (value.length > MAX_VALUE) {
      throw invalidParameter(`Tags Reason: the value of ${key} is longer than ${MAX_VALUE} characters`);
    }
  }
}
