import { setTimeout as pause } from 'node:timers/promises';
import { AwsError } from './aws-error';
import { objectAddress } from './object-address';
import { presign, type PresignOptions } from './presign';

export interface ObjectStoreOptions extends Pick<PresignOptions, 'region' | 'credentials'> {
  readonly bucket: string;
  /** Where S3 answers, if not at its own address. */
  readonly endpoint?: string;
  /** How long a call may take with all its attempts. */
  readonly timeoutMs: number;
}

const PUT = 's3:PutObject';
const GET = 's3:GetObject';
const MAX_ATTEMPTS = 3;
const FIRST_PAUSE_MS = 100;
const VALID_SECONDS = 60;

/**
 * Whole objects of one bucket. Requests are signed by hand: a client of the SDK would double the code that a function loads at its
 * start, and the map of that code, for the few messages that need it.
 */
export class ObjectStore {
  constructor(private readonly options: ObjectStoreOptions) {}

  /**
   * Writes an object, which S3 keeps only if all of it arrived.
   *
   * @param sha256 of the contents, in base64
   * @throws AwsError
   */
  async put(key: string, contents: Uint8Array, sha256: string): Promise<void> {
    const { protocol, ...location } = this.address(key);
    const headers = { 'x-amz-checksum-sha256': sha256 };
    await this.call(PUT, async (signal) => {
      const signing = { ...this.signing, ...location, headers };
      const request = presign({ ...signing, method: 'PUT', service: 's3' });
      const body = contents as Uint8Array<ArrayBuffer>;
      const answer = await fetch(`${protocol}//${request}`, { method: 'PUT', headers, body, signal });
      await refuse(PUT, answer);
      // Read to its end, the connection is free for the next request.
      await answer.arrayBuffer();
    });
  }

  /**
   * The contents of an object.
   *
   * @param maxBytes what it may have; a larger one is not read
   * @throws AwsError `ObjectTooLarge` for that, or the service's
   */
  async get(key: string, maxBytes: number): Promise<Buffer> {
    const { protocol, ...location } = this.address(key);
    return this.call(GET, async (signal) => {
      const request = presign({ ...this.signing, ...location, method: 'GET', service: 's3' });
      const answer = await fetch(`${protocol}//${request}`, { signal });
      await refuse(GET, answer);
      const bytes = Number(answer.headers.get('content-length') ?? Infinity);
      if (bytes <= maxBytes) return Buffer.from(await answer.arrayBuffer());
      await answer.body?.cancel();
      throw failure(GET, 'ObjectTooLarge', answer);
    });
  }

  private address(key: string) {
    return objectAddress({ ...this.options, key });
  }

  private get signing() {
    const { region, credentials } = this.options;
    return { region, credentials, validSeconds: VALID_SECONDS };
  }

  /** Tries again what may succeed then, within the time that there is; no attempt takes more than half of it. */
  private async call<T>(name: string, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { timeoutMs } = this.options;
    const end = AbortSignal.timeout(timeoutMs);
    for (let attempts = 1; ; attempts++) {
      try {
        return await attempt(AbortSignal.any([end, AbortSignal.timeout(timeoutMs / 2)]));
      } catch (error) {
        const problem = error instanceof AwsError ? error : new AwsError(name, described(error));
        if (problem.permanent || attempts === MAX_ATTEMPTS || end.aborted) throw problem;
        await pause(FIRST_PAUSE_MS * 2 ** (attempts - 1));
      }
    }
  }
}

/** @throws AwsError for an answer that is none of success */
async function refuse(call: string, answer: Response): Promise<void> {
  if (answer.ok) return;
  const [, code] = /<Code>(\w+)<\/Code>/.exec(await answer.text()) ?? [];
  throw failure(call, code ?? 'UnknownError', answer);
}

function failure(call: string, name: string, { status, headers }: Response): AwsError {
  const requestId = headers.get('x-amz-request-id') ?? undefined;
  return new AwsError(call, { name, $metadata: { httpStatusCode: status, requestId } });
}

/** `fetch` says why it failed in the cause of its error; a time-out has a number for a code. */
function described(error: unknown) {
  const { name, cause } = error as Error & { readonly cause?: { readonly code?: string } };
  return { name, ...(cause?.code !== undefined && { code: cause.code }) };
}
