const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** `<topic>:<uuid>`, from `arn:aws:sns:<region>:<account>:<topic>:<uuid>`; null for what SNS says instead of an ARN. */
export function subscriptionId(arn: string | undefined): string | null {
  return arn?.startsWith('arn:') ? arn.split(':').slice(5).join(':') : null;
}

/** undefined for what is no id. */
export function parseSubscriptionId(id: string): { topic: string; uuid: string } | undefined {
  const [topic, uuid, ...rest] = id.split(':');
  if (!topic || uuid === undefined || rest.length > 0 || !UUID.test(uuid)) return undefined;
  return { topic, uuid };
}

/** The name at the end of a topic's ARN. */
export function topicName(arn: string): string {
  return arn.split(':')[5] ?? '';
}
