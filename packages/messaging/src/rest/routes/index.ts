import type { Route } from '../route';
import { accountRoutes, problemRoutes } from './account';
import { alarmRoutes } from './alarms';
import { deadLetterRoutes } from './dead-letters';
import { functionRoutes, mailRoutes } from './functions';
import { messageRoutes } from './messages';
import { queueRoutes } from './queues';
import { streamRoutes } from './streams';
import { subscriptionRoutes } from './subscriptions';
import { topicRoutes } from './topics';

/** Every route of the API: the app answers them, the document tells them. */
export const ROUTES: readonly Route[] = [
  ...accountRoutes,
  ...queueRoutes,
  ...messageRoutes,
  ...deadLetterRoutes,
  ...topicRoutes,
  ...subscriptionRoutes,
  ...alarmRoutes,
  ...functionRoutes,
  ...streamRoutes,
  ...mailRoutes,
  ...problemRoutes,
];
