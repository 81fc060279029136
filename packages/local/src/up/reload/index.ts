export { Reloader } from './reloader';
