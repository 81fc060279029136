type Value = string | number | boolean | readonly string[] | undefined;

/** What a line says beside its level, event and request: names, codes and counts, never message bodies or secrets. */
export type LogFields = Readonly<Record<string, Value>>;

export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/**
 * One JSON object a line, so that CloudWatch Logs Insights finds its fields by name.
 *
 * @param requestId Lambda's id of the invocation; joins our lines with the platform's
 */
export function createLog(requestId: string, write: (line: string) => void = toStdout): Log {
  const at = (level: string) => (event: string, fields?: LogFields) =>
    write(`${JSON.stringify({ level, event, requestId, ...fields })}\n`);
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

/** Not `console.log`: Lambda puts a prefix before what that prints, and the line would not be JSON any more. */
function toStdout(line: string): void {
  process.stdout.write(line);
}
