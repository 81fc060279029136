import fc from 'fast-check';
import { passwordChangedMail } from '../../../handlers/passwords/mail';

function mail(userAgent: string) {
  return passwordChangedMail({
    changeId: '0b5f3a52-4b1c-4a53-9a3b-1f7f2a5c9d10',
    userId: 'ada',
    email: 'ada@example.com',
    changedAt: '2026-01-02T03:04:05.006Z',
    sourceIp: '203.0.113.7',
    userAgent,
  });
}

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

test('says who, when, from where, and what to do', () => {
  const { subject, text } = mail(FIREFOX);
  expect(subject).toBe('Your password was changed');
  expect(text).toBe(
    `The password of your account was changed.

  Account: ada
  Time: 2026-01-02 03:04:05 UTC
  Address: 203.0.113.7
  Program: Mozilla/5.0 (X11; Linux x86_64; rv 140.0) Gecko/20100101 Firefox/140.0

If this was you, there is nothing to do.

If this was not you, somebody else knows your password: set a new one at once, the way you always do, and tell our support. Change it wherever else you use the same one.

This message was sent by a machine. It has no links, and we never ask for your password.
`,
  );
});

test('says the same as HTML', () => {
  const { text, html } = mail(FIREFOX);
  const plain = (markup: string) => markup.replace(/<[^>]*>/g, '').replaceAll('&#39;', "'");
  for (const line of text.split('\n').filter((l) => l !== '')) {
    for (const part of line.trim().split(/(?<=^\w+): /)) expect(plain(html)).toContain(part);
  }
});

test('says that it does not know the program where there is no name', () => {
  expect(mail('').text).toContain('Program: unknown\n');
  expect(mail('éé\u202e').text).toContain('Program: unknown\n');
});

const MARKUP_OF_OURS =
  /<\/?(?:html|head|meta|title|body|p|table|tr|th|td)(?: [a-z]+="[\w-]+")*>|<!doctype html>/g;

test('nothing that a client calls itself becomes markup, a link or a line of its own', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 256 }),
    fc
      .array(
        fc.constantFrom(
          '<',
          '>',
          '"',
          "'",
          '&',
          '://',
          'http',
          'www.',
          'evil',
          '.com',
          '@',
          '\r\n',
          ' ',
          '/',
          ':',
          '.',
        ),
        { maxLength: 30 },
      )
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(hostile, (userAgent) => {
      const { text, html } = mail(userAgent);
      const program = /^ {2}Program: (.*)$/m.exec(text)?.[1] ?? '';
      expect(text.split('\n')).toHaveLength(mail('').text.split('\n').length);
      expect(program).toMatch(/^[\w .,;()/+-]{1,120}$/);
      expect(program).not.toMatch(/\/\/|\.[a-z_]/i);
      expect(html.replace(MARKUP_OF_OURS, '')).not.toMatch(/[<>]/);
    }),
    {
      examples: [
        ['Visit https://evil.example.com/login now'],
        ['<a href="//evil.example">your bank</a>'],
        ['</td></tr></table><script>alert(1)</script>'],
        ['www.evil.com mail me@evil.com'],
        ['x\r\nBcc: victim@example.com'],
      ],
    },
  );
});
