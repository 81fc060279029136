export { Mail } from './mail';
export type { Email, SentEmail } from './types';
