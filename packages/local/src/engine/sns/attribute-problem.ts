import { invalidParameter } from '../errors';

/** Why SNS does not take an attribute; the call that gives it decides how that is told. */
export class AttributeProblem extends Error {}

/** For calls that create something: their attributes are one parameter. @throws ServiceError InvalidParameter */
export function ofNew<T>(check: () => T): T {
  return told(check, (reason) => `Attributes Reason: ${reason}`);
}

/** For calls that set one attribute. @throws ServiceError InvalidParameter */
export function ofChange<T>(check: () => T): T {
  return told(check, (reason) => reason);
}

function told<T>(check: () => T, words: (reason: string) => string): T {
  try {
    return check();
  } catch (error) {
    throw error instanceof AttributeProblem ? invalidParameter(words(error.message)) : error;
  }
}

/** @throws AttributeProblem */
export function checkChoice(name: string, value: string, choices: readonly string[]): string {
  if (choices.includes(value)) return value;
  throw new AttributeProblem(
    `${name}: Invalid value [${value.slice(0, 100)}]. Must be ${choices.join(' or ')}.`,
  );
}

/** An integer as text. @throws AttributeProblem */
export function checkInteger(name: string, value: string, min: number, max: number): string {
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= min && number <= max) return String(number);
  throw new AttributeProblem(`${name}: must be ${min} to ${max}, and is ${value.slice(0, 100)}`);
}

/** A JSON object. @throws AttributeProblem */
export function parseObject(name: string, value: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch (error) {
    throw new AttributeProblem(`${name}: failed to parse JSON. ${(error as Error).message}`);
  }
  if (isObject(parsed)) return parsed;
  throw new AttributeProblem(`${name}: must be a JSON object, and is ${value.slice(0, 100)}`);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
