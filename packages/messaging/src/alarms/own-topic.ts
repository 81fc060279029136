/** The topic that an alarm has for those of its targets that only SNS reaches. */
export function ownTopic(alarm: string): string {
  return `${alarm}-notifications`;
}

/** The tag that says whose topic it is: one that somebody else made under this name is neither used nor deleted. */
export const OWNER_TAG = 'aws-micro:alarm';

/** The tag's value: tags carry no other characters, names of alarms do. */
export function ownerTag(alarm: string): string {
  return alarm.replace(/[^\p{L}\p{N}\s_.:/=+\-@]/gu, '_');
}
