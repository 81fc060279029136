import { styleText } from 'node:util';
import type { Diff } from './diff';
import type { Action, Review, ReviewedChange } from './review';
import { alarmsOf, countsOf, marksOf, participles, signs, whatOf } from './words';

type Format = Parameters<typeof styleText>[0];
type Paint = (format: Format, text: string) => string;

const colours: Readonly<Record<Action, Format>> = {
  replace: 'magenta',
  destroy: 'red',
  forget: 'red',
  change: 'yellow',
  create: 'green',
  move: 'cyan',
};

/** The plan for a terminal: what must not be missed, the table, then every change. */
export function renderText(review: Review, title: string, options: { readonly colour: boolean }): string {
  // The caller has looked whether there is a terminal; styleText would look again, and at the wrong stream.
  const paint: Paint = options.colour
    ? (format, text) => styleText(format, text, { validateStream: false })
    : (_format, text) => text;
  const parts = [
    [paint('bold', `Plan for ${title}: ${countsOf(review)}`)],
    review.errored ? [paint('red', 'Terraform could not plan everything: this plan cannot be applied.')] : [],
    ...alarmLines(review, paint),
    outside(review, paint),
    table(review, paint),
    details(review, paint),
    outputs(review, paint),
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function alarmLines(review: Review, paint: Paint): string[][] {
  return alarmsOf(review).map(({ title, severity, lines }) => {
    const rows = lines.map(({ change, text }) => [signs[change.action], change.address, text]);
    const colour = severity === 'danger' ? 'red' : 'magenta';
    return [paint(['bold', colour], title.toUpperCase()), ...columns(rows)];
  });
}

function outside({ deletedOutside }: Review, paint: Paint): string[] {
  if (deletedOutside.length === 0) return [];
  return [paint('bold', 'DELETED OUTSIDE TERRAFORM'), ...deletedOutside.map((address) => `  ${address}`)];
}

function table(review: Review, paint: Paint): string[] {
  if (review.changes.length === 0) return [];
  const header = ['', 'action', 'resource', 'what', 'review'];
  const rows = review.changes.map((change) => [
    signs[change.action],
    participles[change.action],
    change.address,
    whatOf(change),
    marksOf(change).join(', '),
  ]);
  const [first = '', ...rest] = columns([header, ...rows]);
  const coloured = rest.map((line, index) => paint(colourOf(review.changes[index]), line));
  return [paint('bold', 'RESOURCES'), paint('dim', first), ...coloured];
}

function details(review: Review, paint: Paint): string[] {
  if (review.changes.length === 0) return [];
  const blocks = review.changes.map((change) =>
    [
      paint(colourOf(change), `  ${signs[change.action]} ${change.address} is ${participles[change.action]}`),
      ...diffLines(change.diff, paint),
    ].join('\n'),
  );
  return [paint('bold', 'DETAILS'), blocks.join('\n\n')];
}

function outputs(review: Review, paint: Paint): string[] {
  if (review.outputs.length === 0) return [];
  const blocks = review.outputs.flatMap(({ name, diff }) => [`  ${name}`, ...diffLines(diff, paint)]);
  return [paint('bold', 'OUTPUTS'), ...blocks];
}

function diffLines(diff: Diff, paint: Paint): string[] {
  const lines = diff.lines.map(({ sign, text }) => {
    const line = `      ${sign} ${text}`;
    return sign === ' ' ? line : paint(sign === '+' ? 'green' : 'red', line);
  });
  const unknown =
    diff.unknown.length > 0 ? [paint('dim', `        known after apply: ${diff.unknown.join(', ')}`)] : [];
  return [...lines, ...unknown];
}

function colourOf(change: ReviewedChange | undefined): Format {
  return change ? colours[change.action] : 'reset';
}

/** A row with a longer cell is pushed to the right, not the whole table. */
const widestColumn = 72;

/** Rows in columns, indented by two; the last column is not padded. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => {
    const lengths = rows.map((row) => row[column]?.length ?? 0);
    return Math.max(...lengths.map((length) => Math.min(length, widestColumn)));
  });
  return rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
}
