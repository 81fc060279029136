export { Account } from './account';
export { Alarms } from './alarms';
export type { AlarmsProps } from './alarms';
export { bundle } from './bundle';
export type { Bundle, BundlingOptions } from './bundle';
export { BUNDLER } from './bundler';
export type { Bundler } from './bundler';
export { DeadLetterQueue } from './dead-letter-queue';
export type { DeadLetterQueueProps } from './dead-letter-queue';
export { EncryptionKey } from './encryption-key';
export type { EncryptionKeyProps, KeyUser } from './encryption-key';
export { LambdaFunction } from './function';
export type { LambdaFunctionProps } from './function';
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
export { MySqlDatabase } from './mysql-database';
export type { MySqlDatabaseProps } from './mysql-database';
export { stackName } from './names';
export { Network } from './network';
export type { GatewayService, NetworkProps, ServicePath } from './network';
export type { Condition, Principal, Statement } from './policy';
export { Queue } from './queue';
export type { QueueProps } from './queue';
export { QueueToFunction } from './queue-to-function';
export type { ConsumeOptions } from './queue-to-function';
export { SecurityGroup } from './security-group';
export type { SecurityGroupProps } from './security-group';
export { Topic } from './topic';
export type { TopicProps } from './topic';
export { TopicToFunction } from './topic-to-function';
export type { SubscribeFunctionOptions } from './topic-to-function';
export { TopicToQueue } from './topic-to-queue';
export type { SubscribeQueueOptions } from './topic-to-queue';
