import { Construct } from 'constructs';
import { EmailIdentity, publicAccess, Queue, Schedule, stackName, Table, Topic } from '../modules';
import type { LambdaFunction, LambdaFunctionProps, Throttle } from '../modules';
import { authorizationFor } from './access';
import type { Access } from './access';
import type { Outputs } from './outputs';
import type { Platform } from './platform';

/** What a stage decides about the service. */
export interface PasswordsStage {
  /** Who may read histories. */
  readonly historyAccess: Access;
  /** Puts what changes accounts into the VPC; it needs the network's interface endpoint for `sns` then. */
  readonly private: boolean;
  /** The address that mails come from. */
  readonly mailFrom: string;
  /** What SES verifies: that address, or its domain. @default the address */
  readonly mailIdentity?: string;
  /** Recorders at a time with the history queue, 2-1000; each holds a database connection. */
  readonly recorderConcurrency: number;
  /** Mailers at a time with the mail queue, 2-1000; SES takes one mail a second in its sandbox, 14 after it. */
  readonly mailerConcurrency: number;
  /** Instances set aside for each function, and its limit. @default none; new accounts cannot reserve */
  readonly reservedConcurrency?: Readonly<Record<Kind, number>>;
}

type Kind = 'register' | 'change' | 'sweep' | 'recorder' | 'history' | 'mailer';

export interface PasswordsProps {
  readonly platform: Platform;
  readonly stage: PasswordsStage;
}

/** The index of accounts with events that were not published yet. */
const PENDING_INDEX = 'pending';
/** Hashing is slow on purpose: a flood of these routes must not be thousands of cores at work. */
const HASHING_THROTTLE: Throttle = { ratePerSecond: 50, burst: 100 };

/**
 * Keeps accounts, changes passwords, and tells the rest of the system of each change: a history in MySQL, and a mail.
 *
 * PUT /users -> register -> accounts; POST /passwords -> change -> accounts, topic -> two queues -> recorder -> MySQL, and
 * mailer -> SES; MySQL -> history -> GET /passwords/{userId}/history
 *
 * The event to publish is part of the account's item, written with the new hash in one update. What a crash left there is
 * published by the sweep, once a minute. Its 43,800 runs a month are free up to Scheduler's 14 million and X-Ray's 100,000 traces,
 * then 0.04 and 0.22 USD; Lambda's requests are 0.01 USD.
 */
export class Passwords extends Construct {
  readonly accounts: Table;
  /** Which changes were mailed already, for a month. */
  readonly mails: Table;
  readonly topic: Topic;
  readonly identity: EmailIdentity;
  readonly historyQueue: Queue;
  readonly mailQueue: Queue;
  readonly schedule: Schedule;
  private readonly functions: LambdaFunction[] = [];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: PasswordsProps,
  ) {
    super(scope, id);
    const { platform } = props;
    this.accounts = this.createAccounts();
    this.mails = this.createMails();
    this.topic = new Topic(this, 'topic', {
      name: stackName(this, 'password-changed'),
      encryptionKey: platform.key,
    });
    this.identity = this.createIdentity();
    this.historyQueue = this.createQueue('history');
    this.mailQueue = this.createQueue('mail');
    this.addAccountRoutes();
    this.addHistory();
    this.addMailer();
    this.schedule = this.scheduleSweep();
    platform.watch({
      functions: this.functions,
      queues: [this.historyQueue, this.mailQueue],
      deadLetters: [
        this.historyQueue.deadLetterQueue,
        this.mailQueue.deadLetterQueue,
        this.schedule.deadLetterQueue,
      ],
      tables: [this.accounts, this.mails],
    });
  }

  get outputs(): Outputs {
    return {
      passwords_topic_arn: {
        value: this.topic.arn,
        description: 'Where services that want to know of password changes subscribe',
      },
      passwords_accounts_table: { value: this.accounts.table.name, description: 'Where accounts are kept' },
    };
  }

  private createAccounts(): Table {
    return new Table(this, 'accounts', {
      name: stackName(this, 'passwords-accounts'),
      partitionKey: { name: 'userId', type: 'S' },
      globalIndexes: {
        // Only items with pending events have the shard, so the index is empty but for seconds. No hashes in it.
        [PENDING_INDEX]: {
          partitionKey: { name: 'pendingShard', type: 'S' },
          sortKey: { name: 'pendingSince', type: 'S' },
          projection: { include: ['pendingEvents'] },
        },
      },
      ...this.props.platform.tableSettings,
    });
  }

  private createMails(): Table {
    return new Table(this, 'mails', {
      name: stackName(this, 'passwords-mails'),
      partitionKey: { name: 'changeId', type: 'S' },
      timeToLiveAttribute: 'expiresAt',
      ...this.props.platform.tableSettings,
    });
  }

  private createIdentity(): EmailIdentity {
    const { mailFrom, mailIdentity = mailFrom } = this.props.stage;
    return new EmailIdentity(this, 'identity', { identity: mailIdentity });
  }

  /** A queue of changes. Ten times its function's visibility timeout rides out a quarter of an hour, or half of one. */
  private createQueue(kind: 'history' | 'mail'): Queue {
    const queue = new Queue(this, `${kind}-queue`, {
      name: stackName(this, `passwords-${kind}`),
      encryption: this.props.platform.key,
      maxReceiveCount: 10,
    });
    this.topic.subscribeQueue(queue);
    return queue;
  }

  private addAccountRoutes(): void {
    const { api } = this.props.platform;
    const register = this.createHashing('register', 'PUT /users/{userId}: creates an account');
    // A repeated registration is a guess at the password and counts as one.
    this.accounts.grant(register, ['GetItem', 'PutItem', 'UpdateItem']);
    const change = this.createHashing(
      'change',
      'POST /passwords/{userId}: changes a password, publishes that',
    );
    this.accounts.grant(change, ['GetItem', 'UpdateItem']);
    this.letPublish(change);
    api.route('PUT /users/{userId}', register, {
      authorization: publicAccess('whoever registers has no credentials yet'),
      throttle: HASHING_THROTTLE,
    });
    api.route('POST /passwords/{userId}', change, {
      authorization: publicAccess('the current password is the credential'),
      throttle: HASHING_THROTTLE,
    });
  }

  private addHistory(): void {
    const { platform, stage } = this.props;
    const { network } = platform;
    const recorder = this.createFunction('recorder', {
      description: 'Records password changes',
      network,
      // As with messages: a batch, and a reconnect.
      timeoutSeconds: 15,
    });
    platform.connectToDatabase(recorder, 'passwords_writer');
    this.historyQueue.consumeWith(recorder, { maximumConcurrency: stage.recorderConcurrency });
    const history = this.createFunction('history', {
      description: 'GET /passwords/{userId}/history: lists password changes',
      network,
    });
    platform.connectToDatabase(history, 'passwords_reader');
    platform.api.route('GET /passwords/{userId}/history', history, {
      authorization: authorizationFor(stage.historyAccess),
    });
  }

  private addMailer(): void {
    const { mailFrom, mailerConcurrency } = this.props.stage;
    const mailer = this.createFunction('mailer', {
      description: 'Mails users that their password was changed',
      memoryMb: 512,
      // Ten mails, one after the other.
      timeoutSeconds: 30,
      environment: { MAILS_TABLE: this.mails.table.name, MAIL_FROM: mailFrom },
    });
    this.mails.grant(mailer, ['GetItem', 'PutItem']);
    this.identity.grantSend(mailer, mailFrom);
    this.mailQueue.consumeWith(mailer, { maximumConcurrency: mailerConcurrency });
  }

  private scheduleSweep(): Schedule {
    const { platform } = this.props;
    const sweep = this.createAccountFunction('sweep', {
      description: 'Publishes password changes that a crash left unpublished',
      memoryMb: 512,
      // Less than a minute: the next run finds this one ended.
      timeoutSeconds: 50,
      environment: { PENDING_INDEX },
    });
    this.accounts.grantIndex(sweep, PENDING_INDEX, ['Query']);
    this.accounts.grant(sweep, ['UpdateItem']);
    this.letPublish(sweep);
    const schedule = new Schedule(this, 'schedule', {
      name: stackName(this, 'passwords-sweep'),
      description: 'Publishes password changes that a crash left unpublished',
      expression: 'rate(1 minute)',
      fn: sweep,
      // The next run does the same: what cannot be started within a minute is only worth an alarm.
      maximumRetryAttempts: 2,
      maximumEventAgeSeconds: 60,
      encryptionKey: platform.key,
    });
    sweep.asyncInvocations.limit({ maximumRetryAttempts: 0, maximumEventAgeSeconds: 60 });
    sweep.onFailure(schedule.deadLetterQueue);
    return schedule;
  }

  /** Functions that hash get a whole core, because a change may take six hashes. */
  private createHashing(kind: Kind, description: string): LambdaFunction {
    return this.createAccountFunction(kind, { description, memoryMb: 1769, timeoutSeconds: 20 });
  }

  private createAccountFunction(kind: Kind, props: Partial<LambdaFunctionProps>): LambdaFunction {
    const { platform, stage } = this.props;
    return this.createFunction(kind, {
      ...props,
      network: stage.private ? platform.network : undefined,
      environment: { ACCOUNTS_TABLE: this.accounts.table.name, ...props.environment },
    });
  }

  private letPublish(fn: LambdaFunction): void {
    fn.addEnvironment({ TOPIC_ARN: this.topic.arn });
    this.topic.grantPublish(fn);
  }

  private createFunction(kind: Kind, props: Partial<LambdaFunctionProps>): LambdaFunction {
    const { platform, stage } = this.props;
    const fn = platform.addFunction(this, 'passwords', kind, {
      reservedConcurrency: stage.reservedConcurrency?.[kind],
      ...props,
    });
    this.functions.push(fn);
    return fn;
  }
}
