import { statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Mail } from '../../src/contracts';
import { TestMailFolder } from './support';

let folder: TestMailFolder;

beforeEach(() => (folder = new TestMailFolder()));
afterEach(() => folder.remove());

const mail: Mail = {
  from: 'No reply <no-reply@example.com>',
  to: ['Anna <anna@example.com>'],
  subject: 'Your password was changed',
  text: 'It was changed.',
};

/** Head and body of a message, folded lines joined. */
function parts(message: string): { headers: string[]; body: string } {
  const end = message.indexOf('\r\n\r\n');
  const headers = message
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  return { headers, body: message.slice(end + 4) };
}

test('a text message becomes one file', async () => {
  expect(await folder.mailbox.deliverText('+15550100', 'hello\nthere')).toBe(
    'mail/20260101T000000000Z-0001-+15550100.txt',
  );
  expect(folder.files).toEqual(['20260101T000000000Z-0001-+15550100.txt']);
  expect(folder.read()).toBe('To: +15550100\n\nhello\nthere\n');
});

test('a mail becomes one file that only its owner reads, and one line', async () => {
  const { messageId } = await folder.mailbox.deliver({ ...mail, html: '<p>It was <b>changed</b>.</p>' });
  expect(folder.files).toEqual(['20260101T000000000Z-0001-anna@example.com-Your-password-was-changed.eml']);
  expect(statSync(join(folder.path, folder.files[0]!)).mode & 0o777).toBe(0o600);
  const { headers, body } = parts(folder.read());
  expect(headers).toEqual(
    expect.arrayContaining([
      'From: No reply <no-reply@example.com>',
      'To: Anna <anna@example.com>',
      'Subject: Your password was changed',
      'Date: Thu, 01 Jan 2026 00:00:00 +0000',
      `Message-ID: <${messageId}@us-east-1.amazonses.com>`,
    ]),
  );
  expect(body).toContain('It was changed.');
  expect(body).toContain('<b>changed</b>');
  expect(folder.reporter.lines).toEqual([
    `mail to anna@example.com: Your password was changed (mail/${folder.files[0]})`,
  ]);
});

test('files sort in the order of the mails, also within a millisecond', async () => {
  for (const subject of ['c', 'b', 'a']) await folder.mailbox.deliver({ ...mail, subject });
  folder.clock.advance(1);
  await folder.mailbox.deliver({ ...mail, subject: '0' });
  expect(folder.files.map((name) => name.slice(-5, -4))).toEqual(['c', 'b', 'a', '0']);
});

test('mails that are delivered at the same time are all kept', async () => {
  await Promise.all(Array.from({ length: 20 }, () => folder.mailbox.deliver(mail)));
  expect(folder.files).toHaveLength(20);
});

test('blind copies are in no header but the envelope’s', async () => {
  await folder.mailbox.deliver({
    ...mail,
    cc: ['c@example.com'],
    bcc: ['secret@example.com'],
    replyTo: ['r@example.com'],
  });
  const { headers } = parts(folder.read());
  expect(headers).toEqual(
    expect.arrayContaining([
      'Cc: c@example.com',
      'Reply-To: r@example.com',
      'X-Envelope-To: anna@example.com, c@example.com, secret@example.com',
    ]),
  );
  expect(headers.filter((line) => line.includes('secret@'))).toHaveLength(1);
  expect(folder.reporter.lines[0]).toContain('to anna@example.com, c@example.com, secret@example.com:');
});

test('headers and attachments of its own', async () => {
  const attachments = [{ filename: 'a.txt', content: Buffer.from('attached'), cid: 'x' }];
  await folder.mailbox.deliver({ ...mail, headers: [{ name: 'X-Kind', value: 'test' }], attachments });
  const message = folder.read();
  expect(parts(message).headers).toContain('X-Kind: test');
  expect(message).toContain('filename=a.txt');
  expect(message).toContain(Buffer.from('attached').toString('base64'));
});

test('a raw message is kept as it is, after its envelope', async () => {
  const raw = Buffer.from('From: a@example.com\r\nSubject: one\r\n two\r\n\r\nSubject: not this\r\n');
  await folder.mailbox.deliver({ ...mail, subject: '', raw });
  expect(folder.read()).toBe(
    `X-Envelope-From: no-reply@example.com\r\nX-Envelope-To: anna@example.com\r\n${raw.toString()}`,
  );
  expect(folder.files[0]).toMatch(/anna@example.com-one-two.eml$/);
});

test('no address, subject or header leaves the folder or adds a header', async () => {
  const texts = fc.string({ unit: 'binary', maxLength: 60 });
  const nasty = fc.oneof(
    texts,
    fc.constantFrom('../../x', '/etc/passwd', 'a\r\nBcc: evil@example.com', '..', 'x\0y', '<a@b>\r\nX: y'),
    fc.tuple(texts, texts).map(([name, local]) => `${name} <${local}@example.com>`),
  );
  const shape = fc.record({
    from: nasty,
    to: fc.array(nasty, { maxLength: 2 }),
    subject: nasty,
    header: nasty,
  });
  await fc.assert(
    fc.asyncProperty(shape, async ({ from, to, subject, header }) => {
      const own = new TestMailFolder();
      try {
        const headers = [{ name: 'X-Own', value: header }];
        await own.mailbox.deliver({ from, to, subject, headers, text: 'body' });
        expect(own.surroundings).toEqual(['mail']);
        expect(own.files).toHaveLength(1);
        expect(own.files[0]).toMatch(/^\d{8}T\d{9}Z-0001[A-Za-z0-9@._+-]*\.eml$/);
        const names = parts(own.read()).headers.map((line) => line.split(':')[0]);
        const known = [
          'X-Own',
          'From',
          'To',
          'Subject',
          'Message-ID',
          'Date',
          'MIME-Version',
          'Content-Type',
          'Content-Transfer-Encoding',
        ];
        expect(known).toEqual(expect.arrayContaining(names));
      } catch (error) {
        if ((error as Error).name !== 'BadRequestException') throw error;
        expect(own.files).toEqual([]);
      } finally {
        own.remove();
      }
    }),
    { numRuns: 200 },
  );
});

test.each<[string, Partial<Mail>, string]>([
  ['no recipient', { to: [] }, 'Destination is empty.'],
  [
    'too many',
    { to: Array.from({ length: 51 }, (_, i) => `${i}@example.com`) },
    'Recipient count exceeds 50.',
  ],
  ['no domain', { to: ['anna'] }, "Missing final '@domain'"],
  ['no name', { to: ['@example.com'] }, 'Missing local name'],
  ['a space', { to: ['an na@example.com'] }, 'Local address contains illegal character'],
  ['a strange domain', { to: ['anna@exa_mple'] }, 'Domain contains illegal character'],
  ['a long address', { to: [`${'a'.repeat(320)}@example.com`] }, 'Address is longer than 320 characters'],
  [
    'a line break in an address',
    { to: ['Anna\r\nBcc: x <anna@example.com>'] },
    'Local address contains control or whitespace',
  ],
  [
    'a line break in Reply-To',
    { replyTo: ['a@example.com\n'] },
    'Local address contains control or whitespace',
  ],
  [
    'a line break in the subject',
    { subject: 'a\nBcc: x@example.com' },
    'Subject contains control characters, such as line breaks.',
  ],
  ['a long subject', { subject: 'x'.repeat(999) }, 'Subject is longer than 998 characters.'],
  ['a header’s name', { headers: [{ name: 'X Y', value: '' }] }, 'Invalid header name: "X Y"'],
  [
    'a header’s value',
    { headers: [{ name: 'X-Y', value: 'a\r\nb' }] },
    'The header X-Y contains control characters, such as line breaks.',
  ],
])('refuses %s', async (_, change, message) => {
  await expect(folder.mailbox.deliver({ ...mail, ...change })).rejects.toMatchObject({
    name: 'BadRequestException',
    message,
  });
  expect(folder.files).toEqual([]);
});
