import type { Route } from '../route';
import { queueRoutes } from './queues';

/** Every route of the API: the app answers them, the document tells them. */
export const ROUTES: readonly Route[] = [...queueRoutes];
