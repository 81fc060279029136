export { Account } from './account';
export { Alarms } from './alarms';
export type { AlarmsProps } from './alarms';
export { AsyncInvocations } from './async-invocations';
export type { AsyncOptions } from './async-invocations';
export { lambdaAuthorizer, publicAccess } from './authorization';
export type {
  Authorization,
  IdentitySource,
  JwtAuthorization,
  LambdaAuthorization,
  LambdaAuthorizerOptions,
  PublicAccess,
} from './authorization';
export { Bucket } from './bucket';
export type { BucketCors, BucketProps } from './bucket';
export type { BucketEvent, NotifyOptions } from './bucket-notifications';
export { BucketToFunction } from './bucket-to-function';
export { bundle, prepareBundles } from './bundle';
export type { Bundle, BundlingOptions } from './bundle';
export { BUNDLER, prepareFunctions } from './bundler';
export type { Bundler } from './bundler';
export { DeadLetterQueue } from './dead-letter-queue';
export type { DeadLetterQueueProps } from './dead-letter-queue';
export type { DeliveryLogsOptions, DeliveryProtocol } from './delivery-logs';
export { EmailIdentity } from './email-identity';
export type { EmailIdentityProps } from './email-identity';
export { EncryptionKey } from './encryption-key';
export type { EncryptionKeyProps, KeyUser } from './encryption-key';
export { EventBus } from './event-bus';
export type { EventBusProps, PutOptions } from './event-bus';
export type { EventPattern } from './event-pattern';
export type { QueueFifo, TopicFifo } from './fifo';
export { LambdaFunction } from './function';
export type { LambdaFunctionProps } from './function-props';
export { FunctionUrl } from './function-url';
export type { FunctionUrlOptions } from './function-url';
export { HttpApi } from './http-api';
export type { Cors, HttpApiProps, RouteOptions, Throttle } from './http-api';
export { KinesisStream } from './kinesis-stream';
export type { KinesisStreamProps, PutRecordAction } from './kinesis-stream';
export type { MessageFilter } from './message-filter';
export { MySqlDatabase } from './mysql-database';
export type { MySqlDatabaseProps } from './mysql-database';
export { stackName } from './names';
export { Network } from './network';
export type { GatewayService, NetworkProps, ServicePath } from './network';
export type { Comparison, Pattern } from './patterns';
export type { Condition, Destination, EventSource, Grantee, Principal, Statement } from './policy';
export { Queue } from './queue';
export type { QueueProps } from './queue';
export { QueueToFunction } from './queue-to-function';
export type { ConsumeOptions } from './queue-to-function';
export { RestApi } from './rest-api';
export type { RestApiProps, RestRouteOptions } from './rest-api';
export type { RestAuthorization } from './rest-api-authorizers';
export { Rule } from './rule';
export type { RuleProps } from './rule';
export { RuleTarget } from './rule-target';
export type { InputTransformer, QueueTargetOptions, TargetOptions } from './rule-target';
export { Schedule } from './schedule';
export type { ScheduleProps } from './schedule';
export { Secret } from './secret';
export type { SecretProps } from './secret';
export { SecurityGroup } from './security-group';
export type { SecurityGroupProps } from './security-group';
export { StreamToFunction } from './stream-to-function';
export type { ConsumeStreamOptions } from './stream-to-function';
export type { AttributeFilter, SubscriptionFilter } from './subscription-filter';
export { Table } from './table';
export type {
  GlobalIndex,
  KeyAttribute,
  LocalIndex,
  Projection,
  StreamView,
  TableAction,
  TableProps,
} from './table';
export { Topic } from './topic';
export type { TopicProps } from './topic';
export type { ExternalPrincipal } from './topic-sharing';
export { TopicToEmail } from './topic-to-email';
export type { SubscribeEmailOptions } from './topic-to-email';
export { TopicToFunction } from './topic-to-function';
export type { SubscribeFunctionOptions } from './topic-to-function';
export { TopicToQueue } from './topic-to-queue';
export type { SubscribeQueueOptions } from './topic-to-queue';
export { bundleSite, SITE_BUNDLER } from './site-bundle';
export type { SiteBundler, SiteFile } from './site-bundle';
export { StaticSite } from './static-site';
export type { SiteRoute, StaticSiteProps } from './static-site';
export { UserPool } from './user-pool';
export type { UserPoolProps, WebClient, WebClientProps } from './user-pool';
