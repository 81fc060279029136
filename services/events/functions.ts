import type { Construct } from 'constructs';
import type { LambdaFunction, LambdaFunctionProps } from '../../modules';
import type { Access } from '../access';
import type { Platform } from '../platform';

/** What a stage decides about the service. */
export interface EventsStage {
  /** Who may upload, change statuses and read. The payment provider's webhook is open to everyone: its signature is the credential. */
  readonly access: Access;
  /** Where a day of the report begins, as in `Europe/Berlin`. */
  readonly timeZone: string;
  /** Recorders of payments at a time, 2-1000. */
  readonly recorderConcurrency: number;
  /** Instances set aside for each function, and its limit. @default none; new accounts cannot reserve */
  readonly reservedConcurrency?: Readonly<Record<EventsFunction, number>>;
}

export type EventsFunction =
  | `documents-${'intake' | 'reader' | 'upload' | 'report'}`
  | `order-status-${'publish' | 'tracker' | 'reader'}`
  | `payments-${'webhook' | 'recorder' | 'reader'}`;

/** What each part of the service gets. */
export interface EventsPartProps {
  readonly platform: Platform;
  readonly stage: EventsStage;
}

/** A function of a part, as handlers/<service>/<kind>.ts has it. */
export function addFunction(
  scope: Construct,
  { platform, stage }: EventsPartProps,
  name: EventsFunction,
  props: Partial<LambdaFunctionProps>,
): LambdaFunction {
  const at = name.lastIndexOf('-');
  return platform.addFunction(scope, name.slice(0, at), name.slice(at + 1), {
    reservedConcurrency: stage.reservedConcurrency?.[name],
    ...props,
  });
}
