export type {
  Reply,
  ReplyContent,
  RequesterOptions,
  RequesterStats,
  RequestHandler,
  RequestOptions,
  RespondOptions,
} from './types';
