import type { ReceivedMessage } from '../contracts';
import { documentMatches, parsePattern } from '../engine/sns/filter';
import type { Alternative } from '../engine/sns/filter';
import { sqsRecord } from './sqs-event';

/** A pattern of the filter criteria, ready to be applied. */
interface Pattern {
  readonly alternatives: readonly Alternative[];
  /** Whether it looks into the payload, which must be JSON then. */
  readonly looksInside: boolean;
}

/**
 * The filter criteria of an event source mapping: patterns of which a record must match one.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
 */
export class FilterCriteria {
  private readonly patterns: readonly Pattern[];

  /**
   * @param payload the field whose text patterns may look into as JSON
   * @throws PatternError
   */
  constructor(
    patterns: readonly string[],
    private readonly payload: 'body' | 'data',
  ) {
    this.patterns = patterns.map((json) => {
      const alternatives = parsePattern(json);
      const isNested = ({ segments }: Alternative[number]) => segments[0] === payload && segments.length > 1;
      return { alternatives, looksInside: alternatives.some((fields) => fields.some(isNested)) };
    });
  }

  /** Without patterns everything is taken. */
  get isEmpty(): boolean {
    return this.patterns.length === 0;
  }

  /** @param text the payload; without one the document is complete */
  accept(document: Readonly<Record<string, unknown>>, text?: string): boolean {
    if (this.isEmpty) return true;
    const json = text === undefined ? undefined : jsonOf(text);
    const record = text === undefined ? document : { ...document, [this.payload]: json ?? text };
    return this.patterns.some(({ alternatives, looksInside }) => {
      // A pattern for JSON takes no plain text, not even where it asks for what the text does not have.
      const isPlain = text !== undefined && json === undefined;
      return !(looksInside && isPlain) && documentMatches(alternatives, record);
    });
  }
}

/**
 * The filter criteria of a mapping from a queue: patterns over the record that the function would get.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html
 */
export class EventFilter {
  private readonly criteria: FilterCriteria;

  /** @throws PatternError */
  constructor(
    patterns: readonly string[],
    private readonly queueArn: string,
  ) {
    this.criteria = new FilterCriteria(patterns, 'body');
  }

  /** A message must match one of the patterns. Without patterns all are taken. */
  accepts(message: ReceivedMessage): boolean {
    return this.criteria.isEmpty || this.criteria.accept(sqsRecord(message, this.queueArn), message.body);
  }
}

/** Objects and arrays; everything else is text. */
function jsonOf(text: string): object | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
