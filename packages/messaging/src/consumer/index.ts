export type {
  ConsumedMessage,
  ConsumeOptions,
  ConsumerStats,
  HandlerContext,
  MessageHandler,
  OpenMessage,
  StopOptions,
} from './types';
