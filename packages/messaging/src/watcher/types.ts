import type { AlarmStateEvent, ResourceChangedEvent, ResourceEvent, ResourceType } from '../events';

export interface WatchOptions {
  /** @default all of them */
  readonly types?: readonly ResourceType[];
  /** Between the begins of two looks; 'off' looks only when `check` is called. @default 30 */
  readonly intervalSeconds?: number | 'off';
  /** AWS calls a second, all kinds together. @default 20 */
  readonly requestsPerSecond?: number;
}

/** What differs from the look before. */
export interface Changes {
  readonly created: readonly ResourceEvent[];
  readonly changed: readonly ResourceChangedEvent[];
  readonly deleted: readonly ResourceEvent[];
  readonly alarmStates: readonly AlarmStateEvent[];
}

export interface ResourcesOptions {
  /** @default all of them */
  readonly types?: readonly ResourceType[];
}

/** A resource by name alone. */
export interface Resource {
  readonly type: ResourceType;
  readonly name: string;
  readonly arn: string;
}
