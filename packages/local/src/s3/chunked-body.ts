import { S3Error } from './errors';

const LINE_END = Buffer.from('\r\n');
// A chunk's size and signature, or a trailer.
const MAX_LINE_BYTES = 4096;

/**
 * Decodes a body in S3's own chunks (`aws-chunked`): size in hexadecimal, extensions, bytes; at the end trailers, which go into `trailers`
 * in lower case. Signatures of chunks are not verified, as those of headers are not.
 *
 * @throws S3Error IncompleteBody, InvalidRequest
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export async function* decodeChunked(
  source: AsyncIterable<Buffer>,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  const reader = new Reader(source);
  for (;;) {
    const line = await reader.line();
    const size = Number.parseInt(line, 16);
    if (!/^[0-9a-f]{1,8}(?:;|$)/i.test(line)) throw malformed();
    if (size === 0) break;
    yield* reader.bytes(size);
    if ((await reader.line()) !== '') throw malformed();
  }
  for (let line = await reader.trailer(); line; line = await reader.trailer()) {
    const colon = line.indexOf(':');
    if (colon < 0) throw malformed();
    trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  await reader.drain();
}

class Reader {
  private rest: Buffer = Buffer.alloc(0);
  private readonly iterator: AsyncIterator<Buffer>;

  constructor(source: AsyncIterable<Buffer>) {
    this.iterator = source[Symbol.asyncIterator]();
  }

  /** Without its end. */
  async line(): Promise<string> {
    return (await this.trailer()) ?? incomplete();
  }

  /** As `line`; undefined where the body is over. Some writers leave out the last empty line. */
  async trailer(): Promise<string | undefined> {
    let at: number;
    while ((at = this.rest.indexOf(LINE_END)) < 0) {
      if (this.rest.length > MAX_LINE_BYTES) throw malformed();
      if (!(await this.more())) return this.rest.length === 0 ? undefined : incomplete();
    }
    const line = this.rest.toString('latin1', 0, at);
    this.rest = this.rest.subarray(at + LINE_END.length);
    return line;
  }

  async *bytes(count: number): AsyncGenerator<Buffer> {
    let left = count;
    while (left > 0) {
      if (this.rest.length === 0 && !(await this.more())) incomplete();
      const some = this.rest.subarray(0, left);
      this.rest = this.rest.subarray(some.length);
      left -= some.length;
      if (some.length > 0) yield some;
    }
  }

  async drain(): Promise<void> {
    while (await this.more()) this.rest = this.rest.subarray(this.rest.length);
  }

  private async more(): Promise<boolean> {
    const next = await this.iterator.next();
    if (next.done === true) return false;
    this.rest = this.rest.length === 0 ? next.value : Buffer.concat([this.rest, next.value]);
    return true;
  }
}

function malformed(): S3Error {
  return new S3Error('InvalidRequest', 'The body is not encoded in chunks as x-amz-content-sha256 says.');
}

function incomplete(): never {
  throw new S3Error(
    'IncompleteBody',
    'You did not provide the number of bytes specified by the Content-Length HTTP header',
  );
}
