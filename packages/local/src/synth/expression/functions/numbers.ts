import { truth, number, text } from '../values';
import { pureAll } from './types';

export const numbers = pureAll({
  abs: (value) => Math.abs(number(value)),
  ceil: (value) => Math.ceil(number(value)),
  floor: (value) => Math.floor(number(value)),
  log: (value, base) => Math.log(number(value)) / Math.log(number(base)),
  max: (...values) => Math.max(...values.map(number)),
  min: (...values) => Math.min(...values.map(number)),
  parseint: (value, base) => number(parseInt(text(value), number(base))),
  pow: (value, power) => number(value) ** number(power),
  signum: (value) => Math.sign(number(value)),
  sum: (values) => (values as readonly number[]).reduce((sum, value) => sum + number(value), 0),
  tobool: (value) => (value === null ? null : truth(value)),
  tonumber: (value) => (value === null ? null : number(value)),
});
