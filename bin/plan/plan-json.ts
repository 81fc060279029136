/** The parts of `terraform show -json <plan>` that a review needs; format 1.x of Terraform 1.x and OpenTofu. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** True where the whole value is meant, or the same shape as the value with true at the leaves that are meant. */
export type Mask = Json | undefined;

export interface ChangeJson {
  readonly actions: readonly string[];
  readonly before?: Json;
  readonly after?: Json;
  readonly after_unknown?: Mask;
  readonly before_sensitive?: Mask;
  readonly after_sensitive?: Mask;
  /** Paths of the attributes that cannot be changed in place. */
  readonly replace_paths?: readonly (readonly (string | number)[])[];
  readonly importing?: { readonly id?: string };
}

export interface ResourceChangeJson {
  readonly address: string;
  readonly mode: string;
  readonly type: string;
  readonly name: string;
  readonly previous_address?: string;
  readonly action_reason?: string;
  readonly change: ChangeJson;
}

export interface PlanJson {
  readonly format_version: string;
  readonly terraform_version?: string;
  readonly errored?: boolean;
  readonly resource_changes?: readonly ResourceChangeJson[];
  readonly resource_drift?: readonly ResourceChangeJson[];
  readonly output_changes?: Readonly<Record<string, ChangeJson>>;
}

/** @throws Error in one line where the text is not a plan that this program understands */
export function parsePlan(text: string): PlanJson {
  let plan: Partial<PlanJson> | null;
  try {
    plan = JSON.parse(text) as Partial<PlanJson> | null;
  } catch (error) {
    throw new Error(
      `the plan is not JSON (${(error as Error).message}); make it with: terraform show -json PLANFILE`,
      {
        cause: error,
      },
    );
  }
  const version = plan?.format_version;
  // A plan of nothing has no resource_changes, a state has neither.
  const isPlan =
    plan !== null && ['resource_changes', 'output_changes', 'planned_values'].some((key) => key in plan);
  if (typeof version !== 'string' || !isPlan) {
    throw new Error('the JSON is not a Terraform plan; make it with: terraform show -json PLANFILE');
  }
  if (!version.startsWith('1.')) {
    throw new Error(`the plan has format ${version}, this program reads format 1.x`);
  }
  return plan as PlanJson;
}
