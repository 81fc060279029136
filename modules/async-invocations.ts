import { LambdaFunctionEventInvokeConfig } from '@cdktf/provider-aws/lib/lambda-function-event-invoke-config';
import { Construct } from 'constructs';
import { dependOn } from './depend-on';
import type { LambdaFunction } from './function';
import type { Destination } from './policy';
import { requireInteger, requireThat } from './validate';

export interface AsyncOptions {
  /** Further tries after the function failed, 0-2; after one and two minutes. @default 2 */
  readonly maximumRetryAttempts?: number;
  /** How long Lambda keeps an event that it cannot get into the function, 60-21600. @default 21600 (6 hours) */
  readonly maximumEventAgeSeconds?: number;
}

/**
 * What Lambda does with events that callers do not wait for (topics, schedules, S3, EventBridge): how long it tries, and
 * where the record of an invocation goes that failed for good, or that succeeded. Without a destination for failures (or a
 * dead-letter queue) the event is gone. Made by `fn.onFailure`, `fn.onSuccess` and `fn.asyncInvocations`.
 *
 * Emits aws_lambda_function_event_invoke_config. Free.
 *
 * @example
 * fn.onFailure(queue);
 * fn.onSuccess(topic);
 * fn.asyncInvocations.limit({ maximumRetryAttempts: 0, maximumEventAgeSeconds: 60 });
 */
export class AsyncInvocations extends Construct {
  readonly config: LambdaFunctionEventInvokeConfig;
  private options: AsyncOptions = {};
  private failure?: Destination;
  private success?: Destination;

  constructor(
    private readonly fn: LambdaFunction,
    id: string,
  ) {
    super(fn, id);
    this.config = new LambdaFunctionEventInvokeConfig(this, 'config', {
      functionName: fn.function.functionName,
      maximumRetryAttempts: 2,
      maximumEventAgeInSeconds: 21_600,
    });
    // Lambda checks that the role may send to the destinations.
    dependOn(this.config, fn.rolePolicy);
  }

  get hasFailureDestination(): boolean {
    return this.failure !== undefined;
  }

  /** @throws Error for values out of range, or other ones than those that were set before */
  limit(options: AsyncOptions): void {
    const source = 'Lambda PutFunctionEventInvokeConfig';
    const age = { min: 60, max: 21_600 };
    requireInteger(this, 'maximumRetryAttempts', options.maximumRetryAttempts, { min: 0, max: 2 }, source);
    requireInteger(this, 'maximumEventAgeSeconds', options.maximumEventAgeSeconds, age, source);
    this.set('maximumRetryAttempts', options.maximumRetryAttempts);
    this.set('maximumEventAgeSeconds', options.maximumEventAgeSeconds);
    this.config.maximumRetryAttempts = this.options.maximumRetryAttempts ?? 2;
    this.config.maximumEventAgeInSeconds = this.options.maximumEventAgeSeconds ?? 21_600;
  }

  /** Where the record of an invocation goes that failed for good. @throws Error if there is another one already */
  onFailure(destination: Destination): void {
    this.failure = this.accept('onFailure', this.failure, destination);
    this.render();
  }

  /** Where the record of an invocation goes that succeeded. @throws Error if there is another one already */
  onSuccess(destination: Destination): void {
    this.success = this.accept('onSuccess', this.success, destination);
    this.render();
  }

  private set(property: keyof AsyncOptions, value: number | undefined): void {
    if (value === undefined) return;
    const known = this.options[property] ?? value;
    requireThat(
      this,
      known === value,
      property,
      value,
      `it is ${known} already, and a function has one configuration`,
    );
    this.options = { ...this.options, [property]: value };
  }

  private accept(kind: string, known: Destination | undefined, destination: Destination): Destination {
    const { name } = destination;
    requireThat(this, known === undefined, kind, name, `it is ${known?.name} already, and Lambda takes one`);
    const fifoRule = 'Lambda has no group id to send with: destinations are standard queues and topics';
    requireThat(this, !destination.isFifo, kind, name, fifoRule);
    requireThat(
      this,
      destination !== this.fn,
      kind,
      name,
      'a function that is its own destination never ends',
    );
    destination.grantDelivery(this.fn);
    return destination;
  }

  private render(): void {
    this.config.putDestinationConfig({
      onFailure: this.failure && { destination: this.failure.arn },
      onSuccess: this.success && { destination: this.success.arn },
    });
  }
}
