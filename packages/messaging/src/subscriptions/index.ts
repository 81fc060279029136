export { Subscriptions } from './subscriptions';
export type {
  ConfirmSubscription,
  CreatedSubscription,
  CreateSubscription,
  FilterScope,
  ListSubscriptions,
  SubscriptionChanges,
  SubscriptionFilter,
  SubscriptionInfo,
  SubscriptionProtocol,
  SubscriptionSummary,
} from './types';
