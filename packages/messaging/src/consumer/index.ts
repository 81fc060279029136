export { Consumer } from './consumer';
export { messages } from './messages';
export { receive } from './receive';
export type {
  ConsumedMessage,
  ConsumeOptions,
  ConsumerStats,
  HandlerContext,
  MessageHandler,
  OpenMessage,
  StopOptions,
} from './types';
