import { actions } from './review';
import type { Action, Review, ReviewedChange } from './review';

/** Terraform's own signs, and words for them. */
export const signs: Readonly<Record<Action, string>> = {
  replace: '-/+',
  destroy: '-',
  forget: '.',
  change: '~',
  create: '+',
  move: '>',
};

export const participles: Readonly<Record<Action, string>> = {
  replace: 'replaced',
  destroy: 'destroyed',
  forget: 'forgotten',
  change: 'changed',
  create: 'created',
  move: 'moved',
};

/** `1 replaced, 2 destroyed, 3 changed, 4 created, 5 unchanged`. */
export function countsOf({ counts, unchanged }: Review): string {
  const always: readonly Action[] = ['replace', 'destroy', 'change', 'create'];
  const shown = actions.filter((action) => counts[action] > 0 || always.includes(action));
  return [
    ...shown.map((action) => `${counts[action]} ${participles[action]}`),
    `${unchanged} unchanged`,
  ].join(', ');
}

/** What happens to a resource, in a few words. */
export function whatOf(change: ReviewedChange): string {
  if (change.why !== undefined) return change.why;
  return change.action === 'change' ? someOf(change.attributes) : (change.name ?? '');
}

/** What a reviewer should look at: `data`, `security (firewall)`. */
export function marksOf({ losses, concern, opens }: ReviewedChange): string[] {
  const security = concern === undefined ? [] : [`${opens.length > 0 ? 'OPENS' : 'security'} (${concern})`];
  return [...(losses.length > 0 ? ['DATA'] : []), ...security];
}

/** One heading with its lines; what a reviewer must not miss. */
export interface Alarm {
  readonly title: string;
  readonly severity: 'danger' | 'caution';
  readonly lines: readonly { readonly change: ReviewedChange; readonly text: string }[];
}

/** What stands in front of the plan; headings without lines are left out. */
export function alarmsOf({ changes }: Review): Alarm[] {
  const lines = (textsOf: (change: ReviewedChange) => readonly string[]) =>
    changes.flatMap((change) => textsOf(change).map((text) => ({ change, text })));
  const replaced = changes.filter(({ action, losses }) => action === 'replace' && losses.length === 0);
  const alarms: Alarm[] = [
    {
      title: 'Data may be lost',
      severity: 'danger',
      lines: lines((change) => change.losses.map(lossWithCause(change))),
    },
    { title: 'Opened', severity: 'danger', lines: lines((change) => change.opens) },
    {
      title: 'Replaced',
      severity: 'caution',
      lines: replaced.map((change) => ({ change, text: change.why ?? '' })),
    },
  ];
  return alarms.filter((alarm) => alarm.lines.length > 0);
}

function lossWithCause(change: ReviewedChange): (loss: string) => string {
  if (change.action !== 'replace' && change.action !== 'destroy') return (loss) => loss;
  const cause = change.why === undefined ? '' : ` (${change.why})`;
  return (loss) => `is ${participles[change.action]}: ${loss}${cause}`;
}

function someOf(names: readonly string[]): string {
  const shown = names.slice(0, 4).join(', ');
  return names.length > 4 ? `${shown} and ${names.length - 4} more` : shown;
}
