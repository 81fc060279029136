import { diff, isObject, printable, renderPath } from './diff';
import type { Diff } from './diff';
import { gravityOf, lossesOf } from './losses';
import type { PlanJson, ResourceChangeJson } from './plan-json';
import { securityOf } from './security';
import { show } from './shown';
import type { Shown } from './shown';

/** In the order in which a reviewer wants to see them. */
export const actions = ['replace', 'destroy', 'forget', 'change', 'create', 'move'] as const;
export type Action = (typeof actions)[number];

export interface ReviewedChange {
  readonly address: string;
  readonly type: string;
  readonly action: Action;
  /** The name on AWS, where it is known. */
  readonly name: string | undefined;
  /** Why it is replaced or destroyed, or where it moved from. */
  readonly why: string | undefined;
  /** How data is lost by it. */
  readonly losses: readonly string[];
  /** What kind of security it touches: `permissions`, `firewall`, ... */
  readonly concern: string | undefined;
  /** What it opens. */
  readonly opens: readonly string[];
  /** Top-level attributes that change. */
  readonly attributes: readonly string[];
  readonly diff: Diff;
}

export interface ReviewedOutput {
  readonly name: string;
  readonly diff: Diff;
}

/** A plan, judged. Nothing in it is sensitive. */
export interface Review {
  /** Without resources that stay as they are and without data sources. */
  readonly changes: readonly ReviewedChange[];
  readonly counts: Readonly<Record<Action, number>>;
  readonly unchanged: number;
  readonly outputs: readonly ReviewedOutput[];
  /** Resources that somebody deleted outside Terraform. */
  readonly deletedOutside: readonly string[];
  /** Terraform could not plan everything. */
  readonly errored: boolean;
}

export function review(plan: PlanJson): Review {
  const managed = (plan.resource_changes ?? []).filter((resource) => resource.mode === 'managed');
  const changes = managed.flatMap(reviewResource);
  changes.sort(byImportance);
  const count = (action: Action): number => changes.filter((change) => change.action === action).length;
  return {
    changes,
    counts: Object.fromEntries(actions.map((action) => [action, count(action)])) as Record<Action, number>,
    unchanged: managed.length - changes.length,
    outputs: reviewOutputs(plan),
    deletedOutside: (plan.resource_drift ?? [])
      .filter((drift) => drift.change.actions.includes('delete'))
      .map((drift) => printable(drift.address)),
    errored: plan.errored === true,
  };
}

/** True where applying the plan changes anything, outputs and addresses in the state included. */
export function hasChanges({ changes, outputs }: Review): boolean {
  return changes.length > 0 || outputs.length > 0;
}

export function losesData({ changes }: Review): boolean {
  return changes.some((change) => change.losses.length > 0);
}

/** By what happens, then by what is at stake, then by address. */
function byImportance(one: ReviewedChange, other: ReviewedChange): number {
  const byAction = actions.indexOf(one.action) - actions.indexOf(other.action);
  return byAction || stake(one) - stake(other) || (one.address < other.address ? -1 : 1);
}

function stake({ losses, type }: ReviewedChange): number {
  return losses.length > 0 ? gravityOf(type) : Number.MAX_SAFE_INTEGER;
}

function reviewResource(resource: ResourceChangeJson): ReviewedChange[] {
  const action = actionOf(resource);
  if (action === undefined) return [];
  const shown = show(resource.change);
  const forcing = (resource.change.replace_paths ?? []).map(renderPath);
  const difference = diff(shown, forcing);
  const security = securityOf(resource.type, shown, action === 'replace');
  return [
    {
      address: printable(resource.address),
      type: resource.type,
      action,
      name: nameOf(shown.after) ?? nameOf(shown.before),
      why: whyOf(resource, action, forcing),
      losses: lossesOf(resource.type, shown, action === 'replace' || action === 'destroy'),
      concern: action === 'move' ? undefined : security.concern,
      opens: security.opens,
      attributes: topLevel(difference),
      diff: difference,
    },
  ];
}

function actionOf({ change, previous_address: previous }: ResourceChangeJson): Action | undefined {
  const { actions: planned } = change;
  if (planned.includes('forget')) return planned.includes('create') ? 'replace' : 'forget';
  if (planned.includes('delete')) return planned.includes('create') ? 'replace' : 'destroy';
  if (planned.includes('create')) return 'create';
  if (planned.includes('update')) return 'change';
  return previous !== undefined || change.importing ? 'move' : undefined;
}

const reasons: Readonly<Record<string, string>> = {
  replace_because_tainted: 'it is tainted: its creation failed half way',
  replace_by_request: 'asked for with -replace',
  replace_by_triggers: 'replace_triggered_by: what it depends on changes',
  delete_because_no_resource_config: 'it is not in the program any more',
  delete_because_no_module: 'its module is not in the program any more',
  delete_because_wrong_repetition: 'the program has it with another count or for_each',
  delete_because_count_index: 'its count index is not in the program any more',
  delete_because_each_key: 'its for_each key is not in the program any more',
  delete_because_no_move_target: 'what it was moved to is not in the program',
};

function whyOf(resource: ResourceChangeJson, action: Action, forcing: readonly string[]): string | undefined {
  const moved =
    resource.previous_address === undefined ? [] : [`moved from ${printable(resource.previous_address)}`];
  const imported = resource.change.importing
    ? [`imported from ${printable(resource.change.importing.id ?? '?')}`]
    : [];
  const known = reasons[resource.action_reason ?? ''];
  const reason = known !== undefined ? [known] : [];
  if (action === 'replace' && forcing.length > 0)
    reason.unshift(`${forcing.join(', ')} cannot be changed in place`);
  const text = [...moved, ...imported, ...reason].join('; ');
  return text === '' ? undefined : text;
}

function nameOf(resource: Shown): string | undefined {
  if (!isObject(resource)) return undefined;
  const names = ['function_name', 'bucket', 'identifier', 'alarm_name', 'route_key', 'name'].map(
    (key) => resource[key],
  );
  const name = names.find((value) => typeof value === 'string' && value !== '');
  return typeof name === 'string' ? printable(name) : undefined;
}

function topLevel({ lines }: Diff): string[] {
  const names = lines.map((line) => /^[\w-]+/.exec(line.text)?.[0]);
  return [...new Set(names.filter((name) => name !== undefined))];
}

function reviewOutputs(plan: PlanJson): ReviewedOutput[] {
  return Object.entries(plan.output_changes ?? {}).flatMap(([name, change]) =>
    change.actions.every((action) => action === 'no-op')
      ? []
      : [{ name: printable(name), diff: diff(show(change)) }],
  );
}
