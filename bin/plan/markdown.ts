import type { Diff } from './diff';
import type { Review, ReviewedChange } from './review';
import { alarmsOf, countsOf, marksOf, participles, signs, whatOf } from './words';

/** A comment on GitHub holds 65,536 characters; the rest is room for what a workflow writes around the plan. */
const limit = 60_000;

/** The plan for a pull request: what must not be missed and the table in sight, every change folded. */
export function renderMarkdown(review: Review, title: string): string {
  const front = [
    `## Plan for ${escape(title)}`,
    `**${countsOf(review)}**`,
    ...(review.errored
      ? ['> [!CAUTION]\n> Terraform could not plan everything: this plan cannot be applied.']
      : []),
    ...alarms(review),
    ...outside(review),
  ].join('\n\n');
  const rows = table(review, limit - front.length);
  const sight = [front, ...rows].join('\n\n');
  return `${[sight, ...folded(review, limit - sight.length)].join('\n\n')}\n`;
}

function alarms(review: Review): string[] {
  return alarmsOf(review).map(({ title, severity, lines }) => {
    const items = lines.map(({ change, text }) => `> - ${code(change.address)} ${escape(text)}`);
    return [`> [!${severity === 'danger' ? 'CAUTION' : 'WARNING'}]`, `> **${title}**`, '>', ...items].join(
      '\n',
    );
  });
}

function outside({ deletedOutside }: Review): string[] {
  if (deletedOutside.length === 0) return [];
  return ['**Deleted outside Terraform**', deletedOutside.map((address) => `- ${code(address)}`).join('\n')];
}

/** As many rows as there is room for: the first are those that matter most. */
function table({ changes }: Review, room: number): string[] {
  if (changes.length === 0) return [];
  const rows = changes.map((change) => {
    const cells = [
      participles[change.action],
      code(change.address),
      escape(whatOf(change)),
      marksOf(change).join(', '),
    ];
    return `| ${code(signs[change.action])} | ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  const head = ['| | action | resource | what | review |', '|---|---|---|---|---|'];
  const fitting = fittingOf([...head, ...rows], room, 1) - head.length;
  const text = [...head, ...rows.slice(0, fitting)].join('\n');
  return fitting < rows.length ? [text, leftOut(`${rows.length - fitting} more changes are`)] : [text];
}

/** How many of the texts there is room for, with what parts one from the next. */
function fittingOf(texts: readonly string[], room: number, between: number): number {
  let left = room;
  const first = texts.findIndex((text) => (left -= text.length + between) < 0);
  return first < 0 ? texts.length : first;
}

function leftOut(what: string): string {
  return `${what} left out: a comment holds 65,536 characters. \`npm run plan\` shows them.`;
}

/** As many folded changes as there is room for, in the order of the table. */
function folded(review: Review, room: number): string[] {
  const blocks = [
    ...review.changes.map((change) => fold(summaryOf(change), withoutNoise(change))),
    ...review.outputs.map(({ name, diff }) => fold(`output ${html(name)}`, diff)),
  ];
  const fitting = fittingOf(blocks, room, 2);
  if (fitting === blocks.length) return blocks;
  return [...blocks.slice(0, fitting), leftOut(`The details of ${blocks.length - fitting} more are`)];
}

/** What AWS decides about a new resource tells a reviewer nothing, and a first deploy has a lot of it. */
function withoutNoise({ action, diff }: ReviewedChange): Diff {
  return action === 'create' ? { ...diff, unknown: [] } : diff;
}

function fold(summary: string, { lines, unknown }: Diff): string {
  const body = [
    ...lines.map(({ sign, text }) => `${sign} ${text}`),
    ...(unknown.length > 0 ? [`  known after apply: ${unknown.join(', ')}`] : []),
  ].join('\n');
  const fence = fenceFor(body, 3);
  return `<details><summary>${summary}</summary>\n\n${fence}diff\n${body}\n${fence}\n\n</details>`;
}

function summaryOf(change: ReviewedChange): string {
  return `<code>${signs[change.action]}</code> <code>${html(change.address)}</code> is ${participles[change.action]}`;
}

/** Longer than any run of backticks in the text, which could end the block otherwise. */
function fenceFor(text: string, least: number): string {
  const longest = Math.max(least - 1, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  return '`'.repeat(longest + 1);
}

function code(text: string): string {
  const fence = fenceFor(text, 1);
  return text.includes('`') ? `${fence} ${text} ${fence}` : `\`${text}\``;
}

/** Text in which nothing is markup: names come from AWS and from the program under review. */
function escape(text: string): string {
  return html(text).replace(/[\\`*[\]~#!]|(?<!\w)_|_(?!\w)/g, '\\$&');
}

function html(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
