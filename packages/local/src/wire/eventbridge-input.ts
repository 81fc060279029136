import { ServiceError } from '../engine';
import { busNameOf, DEFAULT_BUS } from '../events';
import type { Bus, HostedEventBuses, Registry, Rule } from '../events';
import type { Input, WireContext } from './protocol';
import { isInput, optionalText, text } from './protocol';

const RULE_NAME = /^[.\-_A-Za-z0-9]{1,64}$/;

/** @throws ServiceError where the endpoint runs without EventBridge */
export function busesOf({ buses }: WireContext): HostedEventBuses {
  if (buses !== undefined) return buses;
  throw invalid('EventBridge is not hosted by this endpoint.');
}

export function registryOf(context: WireContext): Registry {
  return busesOf(context).registry;
}

/** The bus that a request names, or the default one. @throws ServiceError ResourceNotFoundException */
export function requestedBus(input: Input, context: WireContext): Bus {
  return registryOf(context).bus(optionalText(input, 'EventBusName'));
}

/** @throws ServiceError ResourceNotFoundException */
export function requestedRule(input: Input, context: WireContext, member = 'Name'): Rule {
  const name = text(input, member);
  return registryOf(context).rule(requestedBus(input, context).name, name);
}

/** For IAM, whether the rule is there or not. */
export function ruleArnOf(input: Input, context: WireContext, member = 'Name'): string {
  const name = text(input, member);
  if (!RULE_NAME.test(name)) {
    throw invalid(
      `1 validation error detected: Value '${name.slice(0, 100)}' at 'name' failed to satisfy constraint: ` +
        'Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+ and have at most 64 characters',
    );
  }
  const bus = busNameOf(optionalText(input, 'EventBusName') ?? DEFAULT_BUS);
  return registryOf(context).ruleArn(bus, name);
}

export function busArnOf(input: Input, context: WireContext, member = 'EventBusName'): string {
  return registryOf(context).busArn(busNameOf(optionalText(input, member) ?? DEFAULT_BUS));
}

/** `[{ Key, Value }]` */
export function tagsOf(input: Input): Record<string, string> {
  return Object.fromEntries(
    inputList(input, 'Tags').map((tag) => [text(tag, 'Key'), optionalText(tag, 'Value') ?? '']),
  );
}

/** A list of objects; empty where it is not given. */
export function inputList(input: Input, name: string): Input[] {
  const value = input[name] ?? [];
  if (Array.isArray(value) && value.every(isInput)) return value;
  throw invalid(`${name} must be a list of objects.`);
}

export function optionalMember(input: Input, name: string): Input | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined || isInput(value)) return value;
  throw invalid(`${name} must be an object.`);
}

/** JSON carries moments as seconds; the CLI may send texts. */
export function optionalMoment(input: Input, name: string): number | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined) return undefined;
  const at = typeof value === 'number' ? value * 1000 : typeof value === 'string' ? Date.parse(value) : NaN;
  if (Number.isNaN(new Date(at).getTime())) throw invalid(`${name} is no date.`);
  return at;
}

export function invalid(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}
