import type { ReceivedMessage } from '../contracts';
import { documentMatches, parsePattern } from '../engine/sns/filter';
import type { Alternative } from '../engine/sns/filter';
import { sqsRecord } from './sqs-event';

/** A pattern of the filter criteria, ready to be applied. */
interface Pattern {
  readonly alternatives: readonly Alternative[];
  /** Whether it looks into bodies, which must be JSON then. */
  readonly looksIntoBody: boolean;
}

/**
 * The filter criteria of an event source mapping: patterns over the record that the function would get.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html
 */
export class EventFilter {
  private readonly patterns: readonly Pattern[];

  /** @throws PatternError */
  constructor(
    patterns: readonly string[],
    private readonly queueArn: string,
  ) {
    this.patterns = patterns.map((json) => {
      const alternatives = parsePattern(json);
      const isNested = ({ segments }: Alternative[number]) => segments[0] === 'body' && segments.length > 1;
      return { alternatives, looksIntoBody: alternatives.some((fields) => fields.some(isNested)) };
    });
  }

  /** A message must match one of the patterns. Without patterns all are taken. */
  accepts(message: ReceivedMessage): boolean {
    if (this.patterns.length === 0) return true;
    const body = jsonOf(message.body);
    const record = { ...sqsRecord(message, this.queueArn), body: body ?? message.body };
    return this.patterns.some(({ alternatives, looksIntoBody }) => {
      // A pattern for JSON takes no plain text, not even where it asks for what the text does not have.
      return !(looksIntoBody && body === undefined) && documentMatches(alternatives, record);
    });
  }
}

/** Objects and arrays; everything else is text. */
function jsonOf(body: string): object | undefined {
  try {
    const value = JSON.parse(body) as unknown;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
