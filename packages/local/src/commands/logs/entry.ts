import { displayed } from '../../lambda/log-format';
import type { Terminal } from '../terminal';

export interface LogEntry {
  readonly timestamp: number;
  readonly message: string;
  readonly eventId: string;
  readonly logStreamName: string;
}

const REPORT = /^REPORT RequestId: \S+\s+(.*)$/s;
const FRAME = /^(?:START|END) RequestId: /;

/** An event for people: its text without what Lambda puts before it; undefined for what only frames an invocation. */
export function textOf(message: string, terminal: Terminal): string | undefined {
  const text = message.trimEnd();
  if (FRAME.test(text)) return undefined;
  const report = REPORT.exec(text)?.[1];
  if (report !== undefined) return terminal.paint('dim', report.replaceAll('\t', ', '));
  const record = text.startsWith('{') ? recordIn(text) : undefined;
  if (record === undefined)
    return terminal.clean(displayed(text.replaceAll('\n', '\r')).join('\n').replaceAll('\r', '\n'));
  return recordText(record, terminal);
}

function recordIn(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** A line of Lambda's JSON format, or a function's own JSON. */
function recordText(record: Record<string, unknown>, terminal: Terminal): string | undefined {
  const { type, level, message, timestamp: _at, requestId: _of, ...rest } = record;
  if (typeof type === 'string' && type.startsWith('platform.')) return platformText(type, record, terminal);
  const said = typeof message === 'string' ? message : message === undefined ? '' : JSON.stringify(message);
  const more = Object.keys(rest).length > 0 ? JSON.stringify(rest) : '';
  const shown = typeof level === 'string' && level !== 'INFO' ? terminal.paint(colourOf(level), level) : '';
  return [shown, terminal.clean(said), terminal.clean(more)].filter(Boolean).join(' ');
}

function platformText(
  type: string,
  { record }: Record<string, unknown>,
  terminal: Terminal,
): string | undefined {
  if (type !== 'platform.report') return undefined;
  const { metrics, status } = record as {
    metrics: { durationMs: number; maxMemoryUsedMB: number };
    status: string;
  };
  return terminal.paint('dim', `${status}: ${metrics.durationMs} ms, ${metrics.maxMemoryUsedMB} MB`);
}

function colourOf(level: string): 'red' | 'yellow' | 'dim' {
  if (/^(error|fatal)$/i.test(level)) return 'red';
  return /^warn/i.test(level) ? 'yellow' : 'dim';
}
