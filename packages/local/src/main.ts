import { main } from './cli';

void main(process.argv.slice(2), process.env);
