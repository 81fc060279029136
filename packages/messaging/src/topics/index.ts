export { Topics } from './topics';
export type {
  CreateTopic,
  ListTopics,
  ShareTopic,
  TopicChanges,
  TopicEncryption,
  TopicInfo,
  TopicMessage,
  TopicSummary,
} from './types';
