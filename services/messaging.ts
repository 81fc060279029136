import { Construct } from 'constructs';
import { Account, Bucket, stackName } from '../modules';
import type { JwtAuthorization, LambdaFunction } from '../modules';
import { messagingRights } from './messaging-rights';
import type { Outputs } from './outputs';
import type { Platform } from './platform';

/** What a stage decides about the service. */
export interface MessagingStage {
  /** Who may call: IAM principals, or holders of a token with the scopes `messaging/read`, `/write` and `/admin`. Never everyone. */
  readonly authorization: 'iam' | JwtAuthorization;
  /** Whether it makes, changes and deletes; otherwise it only reads, and may not do more. */
  readonly writes: boolean;
  /** Who mails come from, an identity of SES. @default no mails are sent */
  readonly mailFrom?: string;
  /** Instances set aside for it, and its limit. @default none; new accounts cannot reserve */
  readonly reservedConcurrency?: number;
}

export interface MessagingProps {
  readonly platform: Platform;
  readonly stage: MessagingStage;
}

const ROUTES = ['GET /v1', 'ANY /v1/{proxy+}', 'GET /openapi.json', 'GET /problems/{code}'];

/** A request may take 25 seconds of them; API Gateway waits for 30. */
const TIMEOUT_SECONDS = 29;

/** Longer than a pointer can wait in a queue, and then as long among its dead letters. */
const LARGE_MESSAGES_DAYS = 29;
const LARGE_MESSAGES = 'messages/';

/**
 * The REST API of the messaging library: queues, topics, subscriptions, alarms, functions and streams of this account whose names begin
 * with the stack's name and `-app-`. Queues and topics of other services have no such names, and it may not touch them.
 *
 * ANY /v1/... -> api -> SQS, SNS, CloudWatch, Lambda, Kinesis
 *
 * With IAM, the callers' policies split who may do what: `execute-api:Invoke` on `GET/v1/*` of the API only reads.
 */
export class Messaging extends Construct {
  readonly api: LambdaFunction;
  readonly largeMessages: Bucket;
  /** What names of resources begin with. */
  readonly prefix: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: MessagingProps,
  ) {
    super(scope, id);
    this.refuseEveryone();
    this.prefix = `${stackName(this, 'app')}-`;
    this.largeMessages = this.createBucket();
    this.api = this.createApi();
    this.addRoutes();
    props.platform.watch({ functions: [this.api], queues: [], deadLetters: [] });
  }

  get outputs(): Outputs {
    const description = 'What names of resources of the messaging API begin with';
    return { messaging_prefix: { value: this.prefix, description } };
  }

  /** The types do not let a stage say otherwise; what is not checked by them must not slip through. */
  private refuseEveryone(): void {
    const { authorization } = this.props.stage;
    if (authorization === 'iam' || 'jwt' in authorization) return;
    throw new Error(
      `${this.node.path}: authorization is ${JSON.stringify(authorization)}: ` +
        "'iam' or a jwt is needed, as whoever may call makes and deletes resources of the account",
    );
  }

  private createBucket(): Bucket {
    const { platform } = this.props;
    return new Bucket(this, 'large-messages', {
      name: `${stackName(this, 'messaging')}-${Account.of(this).id}`,
      encryptionKey: platform.key,
      versioned: false,
      expireAfterDays: LARGE_MESSAGES_DAYS,
      ...platform.stage.buckets,
    });
  }

  private createApi(): LambdaFunction {
    const { platform, stage } = this.props;
    const { authorization, writes, mailFrom, reservedConcurrency } = stage;
    const api = platform.addFunction(this, 'messaging', 'api', {
      description: 'The REST API of queues, topics and alarms',
      memoryMb: 512,
      timeoutSeconds: TIMEOUT_SECONDS,
      reservedConcurrency,
      environment: {
        RESOURCE_PREFIX: this.prefix,
        LARGE_MESSAGES_BUCKET: this.largeMessages.name,
        ALLOW_WRITES: String(writes),
        AUTHORIZATION: authorization === 'iam' ? 'iam' : 'jwt',
      },
    });
    const arn = (service: string, resource: string) => Account.of(this).arn(service, resource);
    const { prefix } = this;
    messagingRights({ arn, prefix, writes, mailFrom }).forEach((statement) => api.grant(statement));
    if (writes) {
      this.largeMessages.grantRead(api, LARGE_MESSAGES);
      this.largeMessages.grantWrite(api, LARGE_MESSAGES);
    }
    return api;
  }

  private addRoutes(): void {
    const { platform, stage } = this.props;
    const { authorization } = stage;
    for (const routeKey of ROUTES) platform.api.route(routeKey, this.api, { authorization });
  }
}
