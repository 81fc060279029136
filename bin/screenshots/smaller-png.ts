import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE_BYTES = 8;
/** Length, name and checksum around a chunk's content. */
const FRAME_BYTES = 12;
const PALETTE_SIZE = 256;
const TRUECOLOUR = 2;
const INDEXED = 3;
const WITH_ALPHA = 6;

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** 0xRRGGBB, row by row. */
  readonly colours: Uint32Array;
}

/**
 * The same picture with the 256 colours that it has most of, which is a third of the bytes; all others become the nearest of
 * them.
 *
 * @param png 8 bits a channel, not interlaced, opaque: what browsers make of a page
 */
export function smallerPng(png: Buffer): Buffer {
  const { width, height, colours } = readPixels(png);
  const palette = mostFrequent(colours);
  const nearest = new Map(palette.map((colour, index) => [colour, index]));
  // Each row begins with its filter: none.
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const colour = colours[y * width + x]!;
      let index = nearest.get(colour);
      if (index === undefined) nearest.set(colour, (index = nearestOf(colour, palette)));
      rows[y * (width + 1) + x + 1] = index;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, INDEXED], 8);
  return Buffer.concat([
    png.subarray(0, SIGNATURE_BYTES),
    writeChunk('IHDR', header),
    writeChunk('PLTE', Buffer.from(palette.flatMap(channels))),
    writeChunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })),
    writeChunk('IEND', Buffer.alloc(0)),
  ]);
}

function mostFrequent(colours: Uint32Array): number[] {
  const counts = new Map<number, number>();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, PALETTE_SIZE)
    .map(([colour]) => colour);
}

const channels = (colour: number): number[] => [colour >> 16, (colour >> 8) & 255, colour & 255];

function nearestOf(colour: number, palette: readonly number[]): number {
  const wanted = channels(colour);
  const distances = palette.map((other) =>
    channels(other).reduce((sum, value, channel) => sum + (value - wanted[channel]!) ** 2, 0),
  );
  return distances.indexOf(Math.min(...distances));
}

function readPixels(png: Buffer): Pixels {
  const chunks = readChunks(png);
  const header = chunks[0]!.content;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const kind = header[9];
  if (header[8] !== 8 || header[12] !== 0 || (kind !== TRUECOLOUR && kind !== WITH_ALPHA)) {
    throw new Error('the picture is not of the kind that browsers make');
  }
  const bytes = kind === WITH_ALPHA ? 4 : 3;
  const data = inflateSync(Buffer.concat(chunks.filter(({ name }) => name === 'IDAT').map((c) => c.content)));
  const colours = new Uint32Array(width * height);
  let above: Uint8Array = new Uint8Array(width * bytes);
  for (let y = 0; y < height; y++) {
    const at = y * (width * bytes + 1);
    const row = data.subarray(at + 1, at + 1 + width * bytes);
    unfilter(row, above, data[at]!, bytes);
    for (let x = 0; x < width; x++) colours[y * width + x] = row.readUIntBE(x * bytes, 3);
    above = row;
  }
  return { width, height, colours };
}

/** Turns what a row's filter has left back into its bytes: https://www.w3.org/TR/png-3/#9Filters */
function unfilter(row: Uint8Array, above: Uint8Array, filter: number, bytes: number): void {
  for (let at = 0; at < row.length; at++) {
    const left = at < bytes ? 0 : row[at - bytes]!;
    const up = above[at]!;
    const upLeft = at < bytes ? 0 : above[at - bytes]!;
    const predicted = [0, left, up, (left + up) >> 1, paeth(left, up, upLeft)][filter]!;
    row[at] = (row[at]! + predicted) & 255;
  }
}

function paeth(left: number, up: number, upLeft: number): number {
  const sum = left + up - upLeft;
  const [toLeft, toUp, toBoth] = [left, up, upLeft].map((value) => Math.abs(sum - value)) as [
    number,
    number,
    number,
  ];
  if (toLeft <= toUp && toLeft <= toBoth) return left;
  return toUp <= toBoth ? up : upLeft;
}

interface Chunk {
  readonly name: string;
  readonly content: Buffer;
}

function readChunks(png: Buffer): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = SIGNATURE_BYTES; at < png.length;) {
    const length = png.readUInt32BE(at);
    const content = png.subarray(at + 8, at + 8 + length);
    chunks.push({ name: png.toString('latin1', at + 4, at + 8), content });
    at += FRAME_BYTES + length;
  }
  return chunks;
}

function writeChunk(name: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), content]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}
