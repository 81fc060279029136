export { toReceived } from './received';
export { Queues } from './queues';
export type {
  CreateQueue,
  DeadLetter,
  Handle,
  HandleFailure,
  ListQueues,
  OutgoingMessage,
  QueueChanges,
  QueueEncryption,
  QueueInfo,
  QueueSettings,
  QueueSummary,
  ReceivedMessage,
  ReceiveOptions,
  Redrive,
  RedriveOptions,
  RedriveStatus,
  SentAll,
  SentMessage,
  ShareQueue,
  TopicOrigin,
} from './types';
