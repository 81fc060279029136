import fc from 'fast-check';
import Long from '../../handlers/shared/slim/long';
import { defaultProvider } from '../../handlers/shared/slim/credential-provider-node';
import { EventStreamSerde } from '../../handlers/shared/slim/event-streams';
import generateFunction from '../../handlers/shared/slim/generate-function';
import { getDecoder, getEncoder } from '../../handlers/shared/slim/iconv-lite';
import namedPlaceholders from '../../handlers/shared/slim/named-placeholders';

test('integers over 2^53 read as Node.js reads them', () => {
  const word = fc.integer({ min: 0, max: 0xffff_ffff });
  fc.assert(
    fc.property(word, word, fc.boolean(), (low, high, unsigned) => {
      const bytes = Buffer.alloc(8);
      bytes.writeUInt32LE(low, 0);
      bytes.writeUInt32LE(high, 4);
      const expected = unsigned ? bytes.readBigUInt64LE() : bytes.readBigInt64LE();
      const value = new Long(low, high, unsigned);
      expect(value.toString()).toBe(expected.toString());
      expect(value.toNumber()).toBe(Number(expected));
    }),
  );
});

test('unknown charsets are refused, not misread', () => {
  for (const charset of ['latin2', 'gb18030', 'utf-16']) {
    expect(() => getDecoder(charset)).toThrow(charset);
    expect(() => getEncoder(charset)).toThrow(charset);
  }
});

test('names of the server, in utf8mb3, are read', () => {
  const decoder = getDecoder('cesu8');
  expect(decoder.write(Buffer.from('größe')) + (decoder.end() ?? '')).toBe('größe');
});

test('credentials are those of the environment', async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_SESSION_TOKEN: 'c' });
  expect(await defaultProvider()()).toEqual({ accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'c' });
});

test.each([
  ['event streams', () => new EventStreamSerde()],
  ['generated row parsers', generateFunction],
  ['named placeholders', namedPlaceholders],
])('%s fail with a reason', (what, use) => {
  expect(use).toThrow(`${what} are left out of this bundle`);
});
