export { Requester } from './requester';
export { respond } from './respond';
export type {
  Reply,
  ReplyContent,
  RequesterOptions,
  RequesterStats,
  RequestHandler,
  RequestOptions,
  RespondOptions,
} from './types';
