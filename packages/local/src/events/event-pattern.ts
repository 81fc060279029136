import { ServiceError } from '../engine/errors';
import { documentMatches, EVENT_BRIDGE_DIALECT, parsePattern, PatternError } from '../engine/sns/filter';
import type { Alternative } from '../engine/sns/filter';

/** An event pattern, checked and ready to be applied. */
export class EventPattern {
  private readonly alternatives: readonly Alternative[];

  /** @throws ServiceError InvalidEventPatternException */
  constructor(json: string) {
    try {
      this.alternatives = parsePattern(json, EVENT_BRIDGE_DIALECT);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      throw new ServiceError(
        'InvalidEventPatternException',
        `Event pattern is not valid. Reason: ${error.message}`,
      );
    }
  }

  matches(event: Readonly<Record<string, unknown>>): boolean {
    return documentMatches(this.alternatives, event);
  }
}
