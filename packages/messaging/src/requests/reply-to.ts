import type { FieldError } from '../errors';
import { refuse } from '../errors';
import { isArn, parseArn } from '../names';

/** This account and region. */
export interface Home {
  readonly region: string;
  readonly accountId: string;
}

/** A name, the begin of names, or an ARN; a `*` alone would let everybody choose where this program writes. */
const ENTRY = /^([A-Za-z0-9_-]+(\.fifo|\*)?|arn:[^:]+:sqs:[^:]+:[0-9]+:[A-Za-z0-9_-]+(\.fifo|\*)?)$/;

/** Which queues replies may go to. */
export class ReplyToList {
  /** @throws MessagingError 'invalid' when an entry is neither */
  constructor(private readonly entries: readonly string[]) {
    const errors: FieldError[] = [];
    if (entries.length === 0) errors.push({ field: 'replyTo', detail: 'must name at least one queue' });
    entries.forEach((entry, index) => {
      if (ENTRY.test(entry)) return;
      errors.push({
        field: `replyTo.${index}`,
        detail: `"${entry}" is no name or ARN of a queue, nor the begin of one with *`,
      });
    });
    refuse(errors);
  }

  /** What a request asks its reply to, as the queue to send to: a name, or the ARN of a queue elsewhere. undefined: not allowed. */
  resolve(replyTo: unknown, home: Home): string | undefined {
    if (typeof replyTo !== 'string') return undefined;
    const target = isArn(replyTo) ? atHome(replyTo, home) : replyTo;
    // What has other characters than a name (a URL, for example) matches no entry's end.
    if (target === undefined || !ENTRY.test(target) || target.endsWith('*')) return undefined;
    return this.entries.some((entry) => matches(entry, target, home)) ? target : undefined;
  }
}

/** A queue of this account by its name. One of another region cannot be sent to: the queue of its name here is another one. */
function atHome(arn: string, { region, accountId }: Home): string | undefined {
  const parts = parseArn(arn);
  if (parts?.service !== 'sqs' || parts.region !== region) return undefined;
  return parts.account === accountId ? parts.resource : arn;
}

function matches(entry: string, target: string, home: Home): boolean {
  const allowed = isArn(entry) && !isArn(target) ? (atHome(entry, home) ?? entry) : entry;
  return allowed.endsWith('*') ? target.startsWith(allowed.slice(0, -1)) : target === allowed;
}
