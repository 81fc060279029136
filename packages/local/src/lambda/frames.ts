import type { Readable, Writable } from 'node:stream';

/** To a function's process. */
export interface InvokeHeader {
  readonly type: 'invoke';
  readonly requestId: string;
  readonly functionArn: string;
  /** Of the function's code. */
  readonly version: string;
  readonly clientContext?: unknown;
  readonly traceId: string;
  /** Milliseconds that the invocation may take. */
  readonly remainingMs: number;
}

/** From a function's process; `fatal` means that it ends itself. */
export type AnswerHeader =
  /** `baseBytes`: its resident memory before it loaded the handler. */
  | { readonly type: 'ready'; readonly baseBytes: number }
  | {
      readonly type: 'result' | 'error' | 'fatal';
      /** Missing where the process failed outside of an invocation. */
      readonly requestId?: string;
      readonly durationMs?: number;
      /** Bytes that the process has written to its outputs so far. */
      readonly written: { readonly stdout: number; readonly stderr: number };
    };

/** Frame: length of the rest, length of the header (both 32 bit, little endian), header as JSON, body. */
export function writeFrame(stream: Writable, header: InvokeHeader, body: string): void {
  const head = Buffer.from(JSON.stringify(header));
  const bodyBytes = Buffer.byteLength(body);
  const frame = Buffer.allocUnsafe(8 + head.length + bodyBytes);
  frame.writeUInt32LE(4 + head.length + bodyBytes, 0);
  frame.writeUInt32LE(head.length, 4);
  head.copy(frame, 8);
  frame.write(body, 8 + head.length);
  stream.write(frame);
}

export function readFrames(stream: Readable, onFrame: (header: AnswerHeader, body: Buffer) => void): void {
  let chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    for (;;) {
      const end = frameEnd(chunks, bytes);
      if (end === undefined || bytes < end) return;
      const all = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
      const rest = all.subarray(end);
      chunks = rest.length > 0 ? [rest] : [];
      bytes = rest.length;
      const bodyAt = 8 + all.readUInt32LE(4);
      onFrame(JSON.parse(all.toString('utf8', 8, bodyAt)) as AnswerHeader, all.subarray(bodyAt, end));
    }
  });
}

/** Undefined until the length of the first frame is there. */
function frameEnd(chunks: Buffer[], bytes: number): number | undefined {
  if (bytes < 4) return undefined;
  if ((chunks[0] as Buffer).length < 4) chunks.splice(0, chunks.length, Buffer.concat(chunks));
  return 4 + (chunks[0] as Buffer).readUInt32LE(0);
}
