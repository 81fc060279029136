import { SchedulerSchedule } from '@cdktf/provider-aws/lib/scheduler-schedule';
import type { SchedulerScheduleConfig } from '@cdktf/provider-aws/lib/scheduler-schedule';
import { SchedulerScheduleGroup } from '@cdktf/provider-aws/lib/scheduler-schedule-group';
import { Construct } from 'constructs';
import { Account } from './account';
import { DeadLetterQueue } from './dead-letter-queue';
import type { EncryptionKey } from './encryption-key';
import type { LambdaFunction } from './function';
import { validateSchedule } from './schedule-rules';
import { ServiceRole } from './service-role';

export interface ScheduleProps {
  /** Up to 64 characters with `-schedule`, which the role's name ends in. */
  readonly name: string;
  /** `rate(5 minutes)`, `cron(0 3 * * ? *)` (minute, hour, day, month, weekday, year), or once: `at(2030-01-31T03:00:00)`. */
  readonly expression: string;
  readonly fn: LambdaFunction;
  /** Where the hours of `cron` and `at` are, as in `Europe/Berlin`; summer time is followed. @default 'UTC' */
  readonly timeZone?: string;
  /** What the function gets as its event. @default {} */
  readonly input?: Readonly<Record<string, unknown>>;
  /** Spreads invocations over this time, 1-1440. @default at the minute */
  readonly flexibleMinutes?: number;
  /** Further tries to hand an event to Lambda, 0-185; that the function then fails is another matter. @default 185 */
  readonly maximumRetryAttempts?: number;
  /** How long it tries, 60-86400. @default 86400 (a day) */
  readonly maximumEventAgeSeconds?: number;
  /** @default true */
  readonly enabled?: boolean;
  /** @default none */
  readonly description?: string;
  /** Encrypts the input and the dead letters. @default keys that AWS owns */
  readonly encryptionKey?: EncryptionKey;
  /** Attributes of the resource that are set otherwise than here. @default none */
  readonly overrides?: Partial<SchedulerScheduleConfig>;
}

/**
 * Invokes a function at times, asynchronously: say by `fn.onFailure` what becomes of the runs in which it fails. What
 * could not even be handed to Lambda goes to `deadLetterQueue`. The role is for this schedule's own group alone.
 *
 * Emits aws_scheduler_schedule, aws_scheduler_schedule_group, aws_iam_role, aws_iam_role_policy and a `DeadLetterQueue`.
 * 14 million invocations a month are free, then 1.00 USD a million; every minute is 43,800 a month.
 *
 * @example
 * const nightly = new Schedule(scope, 'nightly', {
 *   name: 'orders-nightly',
 *   expression: 'cron(30 3 * * ? *)',
 *   timeZone: 'Europe/Berlin',
 *   fn,
 * });
 * fn.onFailure(nightly.deadLetterQueue);
 */
export class Schedule extends Construct {
  readonly deadLetterQueue: DeadLetterQueue;
  readonly group: SchedulerScheduleGroup;
  readonly role: ServiceRole;
  readonly schedule: SchedulerSchedule;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ScheduleProps,
  ) {
    super(scope, id);
    validateSchedule(this, props);
    this.deadLetterQueue = new DeadLetterQueue(this, 'dead-letters', {
      name: `${props.name}-dead-letters`,
      encryption: props.encryptionKey,
    });
    this.group = new SchedulerScheduleGroup(this, 'group', { name: props.name });
    this.role = this.createRole();
    this.schedule = this.createSchedule();
  }

  get name(): string {
    return this.props.name;
  }

  /**
   * The condition can name a group and nothing smaller, hence a group of its own:
   * https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
   */
  private createRole(): ServiceRole {
    const { name, fn, encryptionKey } = this.props;
    const account = Account.of(this);
    const role = new ServiceRole(this, 'role', {
      name: `${name}-schedule`,
      service: 'scheduler.amazonaws.com',
      condition: {
        StringEquals: {
          'aws:SourceAccount': [account.id],
          'aws:SourceArn': [account.arn('scheduler', `schedule-group/${name}`)],
        },
      },
    });
    fn.grantDelivery(role);
    this.deadLetterQueue.grantDelivery(role);
    encryptionKey?.grantDecrypt(role, 'scheduler');
    return role;
  }

  private createSchedule(): SchedulerSchedule {
    const { props } = this;
    return new SchedulerSchedule(this, 'schedule', {
      name: props.name,
      groupName: this.group.name,
      description: props.description,
      scheduleExpression: props.expression,
      scheduleExpressionTimezone: props.timeZone ?? 'UTC',
      state: (props.enabled ?? true) ? 'ENABLED' : 'DISABLED',
      flexibleTimeWindow: props.flexibleMinutes
        ? { mode: 'FLEXIBLE', maximumWindowInMinutes: props.flexibleMinutes }
        : { mode: 'OFF' },
      kmsKeyArn: props.encryptionKey?.arn,
      target: {
        arn: props.fn.arn,
        roleArn: this.role.arn,
        input: JSON.stringify(props.input ?? {}),
        retryPolicy: {
          maximumRetryAttempts: props.maximumRetryAttempts ?? 185,
          maximumEventAgeInSeconds: props.maximumEventAgeSeconds ?? 86_400,
        },
        deadLetterConfig: { arn: this.deadLetterQueue.arn },
      },
      // A first run without its rights would be a dead letter.
      dependsOn: [this.role.rolePolicy],
      ...props.overrides,
    });
  }
}
