import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { isSigned, parseSignature } from '../../../handlers/payments/signature';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const TIME = String(NOW / 1000);
const body = Buffer.from('{"id":"evt_1","größe":1}');

const sign = (secret: string, time = TIME, signed: Uint8Array = body) =>
  createHmac('sha256', secret).update(`${time}.`).update(signed).digest('hex');

const verify = (header: string | undefined, secrets: readonly string[] = ['whsec'], now = NOW) =>
  isSigned({ header, body, secrets, now });

test('is of the time, the bytes and the secret', () => {
  expect(verify(`t=${TIME},v1=${sign('whsec')}`)).toBe(true);
  expect(verify(`t=${TIME},v1=${sign('other')}`)).toBe(false);
  expect(verify(`t=${TIME},v1=${sign('whsec', '1')}`)).toBe(false);
  expect(verify(`t=${TIME},v1=${sign('whsec', TIME, Buffer.from('{}'))}`)).toBe(false);
});

test('may be one of several, and by one of several secrets, while a secret is replaced', () => {
  const [old, fresh] = [sign('old'), sign('new')];
  expect(verify(`t=${TIME},v1=${old},v1=${fresh}`, ['new'])).toBe(true);
  expect(verify(`t=${TIME},v1=${fresh}`, ['old', 'new'])).toBe(true);
  expect(verify(`t=${TIME},v1=${old}`, ['new', 'newer'])).toBe(false);
  expect(verify(`t=${TIME},v1=${old}`, [])).toBe(false);
});

test.each([
  [-300_000, true],
  [-300_001, false],
  [300_000, true],
  [300_001, false],
])('made %i ms from now it is good: %s', (offset, good) => {
  expect(verify(`t=${TIME},v1=${sign('whsec')}`, ['whsec'], NOW + offset)).toBe(good);
});

test.each([
  ['none', undefined],
  ['an empty one', ''],
  ['no time', `v1=${sign('whsec')}`],
  ['no digest', `t=${TIME}`],
  ['two times', `t=${TIME},t=${TIME},v1=${sign('whsec')}`],
  ['a time that is no number', `t=0x${TIME},v1=${sign('whsec')}`],
  ['a time with a sign', `t=+${TIME},v1=${sign('whsec')}`],
  ['another scheme', `t=${TIME},v0=${sign('whsec')}`],
  ['half a digest', `t=${TIME},v1=${sign('whsec').slice(0, 32)}`],
  ['a digest and more', `t=${TIME},v1=${sign('whsec')}00`],
  ['too many digests', `t=${TIME}${`,v1=${sign('whsec')}`.repeat(21)}`],
  ['a header that is too long', `t=${TIME},v1=${sign('whsec')},v0=${'0'.repeat(5000)}`],
])('refuses %s', (_what, header) => expect(verify(header)).toBe(false));

test('takes other schemes, spaces and capitals along', () => {
  expect(verify(` t=${TIME} , v0=aa , v1=${sign('whsec').toUpperCase()} `)).toBe(true);
});

test('no header makes it throw, and none that somebody made up is good', () => {
  const part = fc.tuple(fc.constantFrom('t', 'v1', 'v0', ''), fc.constantFrom('=', '==', ''), fc.string());
  const headers = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(part).map((parts) => parts.map((each) => each.join('')).join(',')),
    fc.tuple(fc.constant(TIME), fc.stringMatching(/^[0-9a-f]{64}$/)).map(([t, v1]) => `t=${t},v1=${v1}`),
  );
  fc.assert(fc.property(headers, (header) => expect(verify(header)).toBe(false)));
});

test('what is signed is good, whatever stands around it', () => {
  const noise = fc.array(fc.stringMatching(/^v[02-9]=[0-9a-z]{0,20}$/), { maxLength: 5 });
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), noise, noise, (secret, before, after) => {
      const header = [...before, `t=${TIME}`, `v1=${sign(secret)}`, ...after].join(',');
      expect(parseSignature(header)?.digests).toHaveLength(1);
      expect(verify(header, [secret])).toBe(true);
    }),
  );
});
