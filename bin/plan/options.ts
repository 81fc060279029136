import { parseArgs } from 'node:util';

export interface PlanOptions {
  readonly stage: string | undefined;
  readonly markdown: boolean;
  readonly json: string | undefined;
  readonly out: string | undefined;
  readonly destroy: boolean;
  readonly detailedExitcode: boolean;
  readonly help: boolean;
}

export const usage = `Usage: npm run plan -- [options]

Synthesizes the program, lets Terraform plan it, and prints the plan for a reviewer: what loses data, opens something
or is replaced stands in front, then a table of all resources, then every change. Sensitive values are not printed.

  --stage NAME          the stage to plan: dev, prod (default: $STAGE, or dev)
  --markdown            GitHub markdown for a pull request, details folded
  --json FILE           show the plan in FILE (from: terraform show -json PLANFILE); - is standard input.
                        Runs neither the program nor Terraform
  --out FILE            keep Terraform's plan, so that what was reviewed can be applied.
                        It holds secrets in clear text: treat it like one
  --destroy             plan the teardown
  --detailed-exitcode   tell by the exit code what the plan does, see below
  --help                this text

The plan goes to standard output, progress to standard error. Colour only on a terminal, and never with NO_COLOR.
Terraform is \`terraform\` on the PATH, or what TERRAFORM_BINARY_NAME says, as for cdktf.

Exit codes: 0 planned; 1 failed; with --detailed-exitcode also
            2 planned, there are changes; 3 planned, and applying it may lose data
`;

/** @throws Error in one line where the arguments make no sense */
export function parseOptions(args: readonly string[]): PlanOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      stage: { type: 'string' },
      markdown: { type: 'boolean', default: false },
      json: { type: 'string' },
      out: { type: 'string' },
      destroy: { type: 'boolean', default: false },
      'detailed-exitcode': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const ignored = (['stage', 'out', 'destroy'] as const).filter(
    (name) => values[name] !== undefined && values[name] !== false,
  );
  if (values.json !== undefined && ignored.length > 0) {
    throw new Error(
      `--json shows a plan that exists; --${ignored.join(' and --')} would have no effect on it`,
    );
  }
  return {
    stage: values.stage,
    markdown: values.markdown,
    json: values.json,
    out: values.out,
    destroy: values.destroy,
    detailedExitcode: values['detailed-exitcode'],
    help: values.help,
  };
}
