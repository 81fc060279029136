import type { Json, JsonObject, Outcome, Step } from './step';
import { textOf } from './step';

/** One place in which two outcomes differ. */
export interface Difference {
  readonly step: Step;
  /**
   * `Attributes.Policy`, `Messages.0.Body`; empty where one is an error and the other none, or not the same; `Failed`
   * where a batch's failed entries are not the same; `Messages` where not the same messages were received: one
   * that only one of the two received, or all of them.
   */
  readonly path: string;
  /** Undefined where it has none. */
  readonly ours: Json | undefined;
  readonly theirs: Json | undefined;
  /** The steps before. */
  readonly history: readonly Step[];
}

/** Every place in which the outcomes of a step differ. */
export function differencesOf(
  step: Step,
  ours: Outcome,
  theirs: Outcome,
  history: readonly Step[],
): Difference[] {
  const found: Difference[] = [];
  const add = (path: string, one: Json | undefined, other: Json | undefined): void => {
    found.push({ step, path, ours: one, theirs: other, history });
  };
  if ('error' in ours || 'error' in theirs) {
    if (JSON.stringify(ours) !== JSON.stringify(theirs)) add('', ours, theirs);
  } else if (JSON.stringify(ours['Failed']) !== JSON.stringify(theirs['Failed'])) {
    // Everything else in the answer differs because of that.
    add('Failed', ours['Failed'] ?? {}, theirs['Failed'] ?? {});
  } else if (bodiesOf(ours).join() !== bodiesOf(theirs).join()) {
    for (const [one, other] of unlike(messagesOf(ours), messagesOf(theirs))) add('Messages', one, other);
  } else if (idsOf(ours) !== idsOf(theirs)) {
    add('Messages', messagesOf(ours), messagesOf(theirs));
  } else {
    compare('', ours, theirs, add);
  }
  return found;
}

function compare(
  path: string,
  ours: Json | undefined,
  theirs: Json | undefined,
  add: (path: string, ours: Json | undefined, theirs: Json | undefined) => void,
): void {
  if (!isContainer(ours) || !isContainer(theirs) || Array.isArray(ours) !== Array.isArray(theirs)) {
    if (ours !== theirs) add(path, ours, theirs);
    return;
  }
  for (const name of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
    compare(path === '' ? name : `${path}.${name}`, ours[name], theirs[name], add);
  }
}

function messagesOf({ Messages }: Outcome): readonly JsonObject[] {
  return (Messages ?? []) as readonly JsonObject[];
}

/** What tells messages apart: ids do not where each endpoint makes its own. */
function bodiesOf(outcome: Outcome): string[] {
  return messagesOf(outcome).map(({ Attributes, Body }) => {
    const { MessageGroupId = '' } = (Attributes ?? {}) as JsonObject;
    return `${textOf(MessageGroupId)} ${textOf(isContainer(Body) ? Body['Message'] : Body)}`;
  });
}

/** Which messages were received, in which order. */
function idsOf(outcome: Outcome): string {
  return messagesOf(outcome)
    .map(({ MessageId }) => textOf(MessageId))
    .join();
}

/** Messages that only one received, each for itself; all of them where order matters or bodies do not tell them apart. */
function unlike(
  ours: readonly JsonObject[],
  theirs: readonly JsonObject[],
): [readonly JsonObject[], readonly JsonObject[]][] {
  const [our, their] = [bodiesOf({ Messages: ours }), bodiesOf({ Messages: theirs })];
  const isFifo = /"MessageGroupId"/.test(JSON.stringify([ours, theirs]));
  const isAmbiguous = new Set(our).size < our.length || new Set(their).size < their.length;
  if (isFifo || isAmbiguous) return [[ours, theirs]];
  return [
    ...ours
      .filter((_, i) => !their.includes(our[i]!))
      .map((one): [JsonObject[], JsonObject[]] => [[one], []]),
    ...theirs
      .filter((_, i) => !our.includes(their[i]!))
      .map((one): [JsonObject[], JsonObject[]] => [[], [one]]),
  ];
}

function isContainer(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null;
}

/** The code of an error, undefined of an answer. */
export function errorOf(outcome: Json | undefined): string | undefined {
  const error = isContainer(outcome) ? outcome['error'] : undefined;
  return typeof error === 'string' ? error : undefined;
}
