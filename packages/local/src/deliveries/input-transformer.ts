import { valueAt, parseEventPath } from './event-path';
import type { InputTransformer } from './target';

/** A variable, or a text in which others may be. */
const PLACEHOLDER = /^<([\w.-]+)>/;
const RESERVED = 'aws.events.';
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_InputTransformer.html
const MAX_PATHS = 100;
const MAX_TEMPLATE = 8192;

/** What the variables that EventBridge has itself stand for. */
export interface TransformedEvent {
  /** As JSON. */
  readonly event: string;
  readonly ruleArn: string;
  readonly ruleName: string;
  /** Milliseconds since the epoch. */
  readonly ingestedAt: number;
}

/**
 * Fills in a template. In a text between quotes a value is put as it is, and the quotes of objects and lists are left out;
 * elsewhere texts get quotes. What the event does not have is an empty text.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
export function transformed({ paths, template }: InputTransformer, source: TransformedEvent): string {
  const event = JSON.parse(source.event) as Readonly<Record<string, unknown>>;
  const values = new Map(Object.entries(paths).map(([name, path]) => [name, valueAt(event, path)]));
  const { detail: _detail, ...envelope } = event;
  const reserved: Readonly<Record<string, unknown>> = {
    'rule-arn': source.ruleArn,
    'rule-name': source.ruleName,
    'event.ingestion-time': new Date(source.ingestedAt).toISOString(),
    event: envelope,
    'event.json': event,
  };
  for (const [name, value] of Object.entries(reserved)) values.set(RESERVED + name, value);
  return fill(template, (name, isQuoted) => {
    if (!values.has(name)) return undefined;
    const value = values.get(name) ?? (values.get(name) === null ? null : '');
    if (!isQuoted) return JSON.stringify(value);
    return typeof value === 'string' ? value : JSON.stringify(value).replaceAll('"', '');
  });
}

/** Why AWS would refuse a transformer; undefined where it would not. */
export function transformerProblem({ paths, template }: InputTransformer): string | undefined {
  const names = Object.keys(paths);
  if (names.length > MAX_PATHS) return `InputPathsMap must have at most ${MAX_PATHS} variables`;
  if (template === '' || template.length > MAX_TEMPLATE) {
    return `InputTemplate must have 1 to ${MAX_TEMPLATE} characters`;
  }
  const taken = names.find((name) => name.toLowerCase().startsWith('aws'));
  if (taken !== undefined) return `InputPathsMap must not define "${taken}": names with AWS are reserved`;
  for (const path of Object.values(paths)) {
    try {
      parseEventPath(path);
    } catch (error) {
      return `InputPathsMap: ${(error as Error).message}`;
    }
  }
  const example = fill(template, () => '0');
  return isJson(example) || isTexts(example)
    ? undefined
    : `Invalid InputTemplate: neither JSON nor texts in quotes: ${template.slice(0, 200)}`;
}

/** Replaces the variables; what `valueOf` does not know stays as it is. */
function fill(template: string, valueOf: (name: string, isQuoted: boolean) => string | undefined): string {
  let filled = '';
  let isQuoted = false;
  for (let i = 0; i < template.length; i += 1) {
    const character = template[i]!;
    const [text, name] = character === '<' ? (PLACEHOLDER.exec(template.slice(i, i + 300)) ?? []) : [];
    const value = name === undefined ? undefined : valueOf(name, isQuoted);
    if (text !== undefined && value !== undefined) {
      filled += value;
      i += text.length - 1;
    } else if (character === '\\') {
      filled += template.slice(i, i + 2);
      i += 1;
    } else {
      if (character === '"') isQuoted = !isQuoted;
      filled += character;
    }
  }
  return filled;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Lines, each a text in quotes. */
function isTexts(text: string): boolean {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.length > 0 && lines.every((line) => line.trim().startsWith('"') && isJson(line));
}
