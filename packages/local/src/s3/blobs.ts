import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { copyFile, link, mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Segment } from './types';

const READ_BYTES = 256 * 1024;

/** A range of an object's bytes, both ends included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Bytes in files that never change: a file is written whole and synced under a name of its own before anything refers to it, so that
 * a process that is killed leaves at most files behind that nothing refers to.
 */
export class Blobs {
  private readonly shards = new Set<string>();
  /** Files that are being read, and how often. */
  private readonly readers = new Map<string, number>();
  private readonly doomed = new Set<string>();

  private constructor(private readonly folder: string) {}

  static async open(folder: string): Promise<Blobs> {
    await mkdir(folder, { recursive: true });
    return new Blobs(folder);
  }

  /** Writes a file; resolves once it is durable. An empty one needs none. */
  async write(chunks: AsyncIterable<Buffer>): Promise<Segment[]> {
    const file = newName();
    const handle = await this.create(file);
    let size = 0;
    try {
      for await (const chunk of chunks) {
        await writeAll(handle, chunk);
        size += chunk.length;
      }
      if (size > 0) await handle.sync();
    } catch (error) {
      await handle.close();
      await this.remove(file);
      throw error;
    }
    await handle.close();
    if (size === 0) {
      await this.remove(file);
      return [];
    }
    await this.syncFolder(file);
    return [{ file, size }];
  }

  /** The same bytes under names of their own, without being written again where the file system can. */
  async copy(segments: readonly Segment[]): Promise<Segment[]> {
    const copies: Segment[] = [];
    for (const { file, size } of segments) {
      const copy = newName();
      await this.prepare(copy);
      await this.duplicate(file, copy);
      await this.syncFolder(copy);
      copies.push({ file: copy, size });
    }
    return copies;
  }

  /** The bytes of an object; its files stay until the stream is closed. */
  read(segments: readonly Segment[], range?: ByteRange): Readable {
    const files = segments.map(({ file }) => file);
    for (const file of files) this.readers.set(file, (this.readers.get(file) ?? 0) + 1);
    const stream = Readable.from(this.chunks(segments, range), { objectMode: false });
    stream.once('close', () => files.forEach((file) => this.release(file)));
    return stream;
  }

  /** Deletes what nothing refers to any more; a file that is being read goes afterwards. */
  async discard(segments: readonly Segment[]): Promise<void> {
    for (const { file } of segments) {
      if (this.readers.has(file)) this.doomed.add(file);
      else await this.remove(file);
    }
  }

  /** Deletes every file but those named. */
  async sweep(wanted: ReadonlySet<string>): Promise<void> {
    for (const shard of await readdir(this.folder)) {
      for (const file of await readdir(join(this.folder, shard))) {
        if (!wanted.has(file)) await this.remove(file);
      }
    }
  }

  private async *chunks(segments: readonly Segment[], range?: ByteRange): AsyncGenerator<Buffer> {
    const { start, end } = range ?? { start: 0, end: Infinity };
    let offset = 0;
    for (const { file, size } of segments) {
      const from = Math.max(0, start - offset);
      const to = Math.min(size - 1, end - offset);
      offset += size;
      if (from > to) continue;
      const path = this.path(file);
      yield* createReadStream(path, {
        start: from,
        end: to,
        highWaterMark: READ_BYTES,
      }) as AsyncIterable<Buffer>;
    }
  }

  private release(file: string): void {
    const left = this.readers.get(file)! - 1;
    if (left > 0) {
      this.readers.set(file, left);
      return;
    }
    this.readers.delete(file);
    if (this.doomed.delete(file)) void this.remove(file).catch(() => undefined);
  }

  private async create(file: string): Promise<FileHandle> {
    await this.prepare(file);
    return open(this.path(file), 'wx', 0o600);
  }

  private async prepare(file: string): Promise<void> {
    const shard = shardOf(file);
    if (this.shards.has(shard)) return;
    await mkdir(join(this.folder, shard), { recursive: true });
    await sync(this.folder);
    this.shards.add(shard);
  }

  private async duplicate(from: string, to: string): Promise<void> {
    try {
      await link(this.path(from), this.path(to));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw error;
      // Not every file system has links.
      await copyFile(this.path(from), this.path(to));
      await sync(this.path(to));
    }
  }

  private syncFolder(file: string): Promise<void> {
    return sync(join(this.folder, shardOf(file)));
  }

  private async remove(file: string): Promise<void> {
    await rm(this.path(file), { force: true });
  }

  private path(file: string): string {
    return join(this.folder, shardOf(file), file);
  }
}

function newName(): string {
  return randomBytes(16).toString('hex');
}

function shardOf(file: string): string {
  return file.slice(0, 2);
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeAll(handle: FileHandle, chunk: Buffer): Promise<void> {
  let written = 0;
  while (written < chunk.length) written += (await handle.write(chunk, written)).bytesWritten;
}
