import { crc32, deflateSync, inflateSync } from 'node:zlib';
import { smallerPng } from '../../bin/screenshots/smaller-png';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

function chunk(name: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name), content]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(content.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A picture of 3 x 2 pixels of which each row has another filter. */
function picture(...rows: readonly number[][]): Buffer {
  const header = Buffer.from([0, 0, 0, 3, 0, 0, 0, rows.length, 8, 2, 0, 0, 0]);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.from(rows.flat()))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The colours of an indexed picture. */
function colours(png: Buffer): string[][] {
  const contentOf = (name: string): Buffer => {
    const at = png.indexOf(name);
    return png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4));
  };
  const [palette, data] = [contentOf('PLTE'), inflateSync(contentOf('IDAT'))];
  const width = contentOf('IHDR').readUInt32BE(0);
  return Array.from({ length: data.length / (width + 1) }, (_, y) =>
    [...data.subarray(y * (width + 1) + 1, (y + 1) * (width + 1))].map((index) =>
      palette.toString('hex', index * 3, index * 3 + 3),
    ),
  );
}

test.each([
  ['none', [0, 9, 9, 9, 1, 2, 3, 9, 9, 9], ['090909', '010203', '090909']],
  ['left', [1, 9, 9, 9, 1, 2, 3, 9, 9, 9], ['090909', '0a0b0c', '131415']],
  ['up', [2, 9, 9, 9, 1, 2, 3, 9, 9, 9], ['0a0b0c', '050709', '101112']],
  ['average', [3, 9, 9, 9, 1, 2, 3, 9, 9, 9], ['090a0a', '07090b', '101113']],
  ['Paeth', [4, 9, 9, 9, 1, 2, 3, 9, 9, 9], ['0a0b0c', '0b0d0f', '141618']],
])('keeps the colours of a row with the filter %s', (_, row, expected) => {
  const above = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  expect(colours(smallerPng(picture(above, row)))).toEqual([['010203', '040506', '070809'], expected]);
});

test('refuses what browsers do not make', () => {
  const grey = picture([0, 1, 2, 3]);
  grey[25] = 0;
  expect(() => smallerPng(grey)).toThrow('not of the kind');
});
