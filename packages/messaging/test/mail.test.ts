import { SesAccount } from '../../local/src/mail';
import { TestMailFolder } from '../../local/test/mail/support';
import type { Email, Messaging } from '../src';
import { startCloud } from './support';
import type { Cloud } from './support';

const folder = new TestMailFolder();
let cloud: Cloud;
let messaging: Messaging;

beforeAll(async () => {
  const { mailbox, reporter, clock } = folder;
  const ses = new SesAccount({ mailbox, reporter, clock, region: 'us-east-1', accountId: '000000000000' });
  ses.add('shop@example.com');
  cloud = await startCloud({}, { ses });
  messaging = cloud.open();
});

afterAll(async () => {
  await cloud.close();
  folder.remove();
});

const mail: Email = { from: 'shop@example.com', to: 'ann@example.com', subject: 'Order', text: 'Thank you' };
const send = (more: Partial<Email> = {}) => messaging.mail.send({ ...mail, ...more });
const refusal = (...fields: string[]) => ({
  code: 'invalid',
  errors: fields.map((field) => expect.objectContaining({ field }) as object),
});

/** The newest mail, its folded lines made whole. */
const newest = () => folder.read(folder.files.length - 1).replace(/\r\n[ \t]+/g, ' ');

/** What the newest mail's sender is called, word by word. */
function encodedWords(): string[] {
  const [from] = /^From: .*$/m.exec(newest())!;
  const words = [...from.matchAll(/=\?UTF-8\?B\?([^?]+)\?=/g)];
  expect(words.every(([word]) => word.length <= 75)).toBe(true);
  return words.map(([, base64]) => Buffer.from(base64!, 'base64').toString());
}

test('a mail goes to everybody, as text and as HTML', async () => {
  const { messageId } = await send({
    from: 'The Shop <shop@example.com>',
    to: ['ann@example.com', 'Bob, the "B" <bob@example.com>'],
    cc: 'cc@example.com',
    bcc: ['bcc@example.com'],
    replyTo: 'reply@example.com',
    subject: 'Größe',
    html: '<b>Thank you</b>',
  });
  const text = newest();
  for (const line of [
    `Message-ID: <${messageId}@us-east-1.amazonses.com>`,
    'From: The Shop <shop@example.com>',
    'To: ann@example.com, "Bob, the \\"B\\"" <bob@example.com>',
    'Cc: cc@example.com',
    'Reply-To: reply@example.com',
    'X-Envelope-To: ann@example.com, bob@example.com, cc@example.com, bcc@example.com',
  ]) {
    expect(text).toContain(line);
  }
  expect(text).toContain('text/plain');
  expect(text).toContain('text/html');
});

test('a name with other letters is an encoded word', async () => {
  await send({ from: 'Böttcher & Söhne <shop@example.com>' });
  expect(encodedWords().join('')).toBe('Böttcher & Söhne');
  const long = 'ä'.repeat(60);
  await send({ from: `${long} <shop@example.com>` });
  expect(encodedWords()).toHaveLength(3);
  expect(encodedWords().join('')).toBe(long);
});

test('a sender that SES has not verified is explained', async () => {
  await expect(send({ from: 'other@example.org' })).rejects.toMatchObject({
    code: 'denied',
    message: expect.stringMatching(/other@example\.org.*verified in us-east-1 only.*sandbox/s) as string,
  });
});

test.each<[Partial<Email>, ...string[]]>([
  [{ from: 'shop' }, 'from'],
  [{ from: 'shop@localhost' }, 'from'],
  [{ from: 'shöp@example.com' }, 'from'],
  [{ from: 'shop@-example.com' }, 'from'],
  [{ from: 'a..b@example.com' }, 'from'],
  [{ from: `${'a'.repeat(310)}@example.com` }, 'from'],
  [{ to: [] }, 'to'],
  [{ to: ['ann@example.com', 'Ann <ann>'] }, 'to.1'],
  [{ to: 'ann@example.com\r\nBcc: eve@example.com' }, 'to'],
  [{ cc: 'ann@example.com, bob@example.com' }, 'cc'],
  [{ bcc: ['@example.com'] }, 'bcc.0'],
  [{ replyTo: '' }, 'replyTo'],
  [{ to: Array.from({ length: 51 }, (_, i) => `a${i}@example.com`) }, 'to'],
  [{ subject: 'Order\nBcc: eve@example.com' }, 'subject'],
  [{ subject: 'x'.repeat(901) }, 'subject'],
  [{ text: undefined }, 'text'],
])('a mail is refused before SES is asked: %j', async (more, ...fields) => {
  await expect(send(more)).rejects.toMatchObject(refusal(...fields));
});
