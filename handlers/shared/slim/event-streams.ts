/** Takes the place of `@smithy/core/event-streams` in bundles: none of our calls streams events. */
export class EventStreamSerde {
  constructor() {
    throw new Error('event streams are left out of this bundle');
  }
}

export const eventStreamSerdeProvider = () => undefined;
export const resolveEventStreamSerdeConfig = <T>(config: T): T => config;
