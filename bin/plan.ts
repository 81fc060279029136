/** `npm run plan`: shows what a deploy would do. See `--help`. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { renderMarkdown } from './plan/markdown';
import { parseOptions, usage } from './plan/options';
import type { PlanOptions } from './plan/options';
import { parsePlan } from './plan/plan-json';
import type { PlanJson } from './plan/plan-json';
import { withProgramText } from './plan/program';
import { hasChanges, losesData, review } from './plan/review';
import type { Review } from './plan/review';
import { planStack } from './plan/terraform';
import { renderText } from './plan/text';

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  const { title, plan } = await source(options);
  const reviewed = review(plan);
  process.stdout.write(
    options.markdown ? renderMarkdown(reviewed, title) : renderText(reviewed, title, colour()),
  );
  return exitCode(reviewed, options);
}

async function source(options: PlanOptions): Promise<{ title: string; plan: PlanJson }> {
  const { json: file, ...rest } = options;
  if (file === undefined) {
    const { stack, json, program } = await planStack({ project: path.resolve(__dirname, '..'), ...rest });
    const title = options.destroy ? `the teardown of ${stack}` : stack;
    return { title, plan: withProgramText(parsePlan(json), program) };
  }
  return file === '-'
    ? { title: 'standard input', plan: parsePlan(readFileSync(0, 'utf8')) }
    : { title: path.basename(file), plan: parsePlan(readFileSync(file, 'utf8')) };
}

function colour(): { colour: boolean } {
  return { colour: process.stdout.isTTY && !process.env['NO_COLOR'] };
}

function exitCode(reviewed: Review, { detailedExitcode }: PlanOptions): number {
  if (reviewed.errored) return 1;
  if (!detailedExitcode) return 0;
  if (losesData(reviewed)) return 3;
  return hasChanges(reviewed) ? 2 : 0;
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`plan: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
