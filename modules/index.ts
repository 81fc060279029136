export { Account } from './account';
export { Alarms } from './alarms';
export type { AlarmsProps } from './alarms';
export { AsyncInvocations } from './async-invocations';
export type { AsyncOptions } from './async-invocations';
export { bundle } from './bundle';
export type { Bundle, BundlingOptions } from './bundle';
export { BUNDLER } from './bundler';
export type { Bundler } from './bundler';
export { DeadLetterQueue } from './dead-letter-queue';
export type { DeadLetterQueueProps } from './dead-letter-queue';
export type { DeliveryLogsOptions, DeliveryProtocol } from './delivery-logs';
export { EmailIdentity } from './email-identity';
export type { EmailIdentityProps } from './email-identity';
export { EncryptionKey } from './encryption-key';
export type { EncryptionKeyProps, KeyUser } from './encryption-key';
export type { QueueFifo, TopicFifo } from './fifo';
export { LambdaFunction } from './function';
export type { LambdaFunctionProps } from './function-props';
export { HttpApi, publicAccess } from './http-api';
export type {
  Authorization,
  Cors,
  HttpApiProps,
  JwtAuthorization,
  PublicAccess,
  RouteOptions,
  Throttle,
} from './http-api';
export type { MessageFilter } from './message-filter';
export { MySqlDatabase } from './mysql-database';
export type { MySqlDatabaseProps } from './mysql-database';
export { stackName } from './names';
export { Network } from './network';
export type { GatewayService, NetworkProps, ServicePath } from './network';
export type { Comparison, Pattern } from './patterns';
export type { Condition, Destination, Grantee, Principal, Statement } from './policy';
export { Queue } from './queue';
export type { QueueProps } from './queue';
export { QueueToFunction } from './queue-to-function';
export type { ConsumeOptions } from './queue-to-function';
export { Schedule } from './schedule';
export type { ScheduleProps } from './schedule';
export { SecurityGroup } from './security-group';
export type { SecurityGroupProps } from './security-group';
export type { AttributeFilter, SubscriptionFilter } from './subscription-filter';
export { Table } from './table';
export type { GlobalIndex, KeyAttribute, LocalIndex, Projection, TableAction, TableProps } from './table';
export { Topic } from './topic';
export type { TopicProps } from './topic';
export type { ExternalPrincipal } from './topic-sharing';
export { TopicToEmail } from './topic-to-email';
export type { SubscribeEmailOptions } from './topic-to-email';
export { TopicToFunction } from './topic-to-function';
export type { SubscribeFunctionOptions } from './topic-to-function';
export { TopicToQueue } from './topic-to-queue';
export type { SubscribeQueueOptions } from './topic-to-queue';
