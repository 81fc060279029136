export { Consumer } from './consumer';
export { messages } from './messages';
export { asError, Failure } from './failure';
export { consumer, parsed, receive } from './receive';
export type {
  ConsumedMessage,
  ConsumeOptions,
  ConsumerStats,
  HandlerContext,
  MessageHandler,
  OpenMessage,
  StopOptions,
} from './types';
