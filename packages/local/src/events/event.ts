import { randomUUID } from 'node:crypto';
import type { BusEvent } from '../contracts';
import { isoSeconds } from '../deliveries';
import type { Locale } from '../engine/arn';

/** An event as rules see it and targets get it. */
export interface Envelope {
  readonly id: string;
  /** The whole of it, as JSON. */
  readonly text: string;
  readonly traceHeader?: string;
}

/** @see https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html */
export function envelopeOf(event: BusEvent, now: number, { accountId, region }: Locale): Envelope {
  const id = randomUUID();
  const head = JSON.stringify({
    version: '0',
    id,
    'detail-type': event.detailType,
    source: event.source,
    account: accountId,
    time: isoSeconds(event.at ?? now),
    region,
    resources: event.resources ?? [],
  });
  // As text: parsing it would change numbers that are larger than what JavaScript can tell apart.
  const text = `${head.slice(0, -1)},"detail":${withoutSpace(event.detail)}}`;
  return { id, text, traceHeader: event.traceHeader };
}

/** JSON without the white space between its tokens. */
function withoutSpace(json: string): string {
  return json.replace(/("(?:[^"\\]|\\.)*")|\s+/g, (_, text: string | undefined) => text ?? '');
}
