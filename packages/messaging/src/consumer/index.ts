export { Consumer } from './consumer';
export { openMessages } from './messages';
export { asError, Failure } from './failure';
export { consume, consumer, parsed } from './receive';
export type {
  ConsumedMessage,
  ConsumeOptions,
  ConsumerStats,
  HandlerContext,
  MessageHandler,
  OpenMessage,
  StopOptions,
} from './types';
