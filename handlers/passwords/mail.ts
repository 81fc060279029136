import type { PasswordChanged } from './event';

export interface MailText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** The news of a change, in plain text and HTML. No links: who gets used to links in such mails follows a forged one. */
export function passwordChangedMail(event: PasswordChanged): MailText {
  const facts = [
    ['Account', event.userId],
    ['Time', `${event.changedAt.slice(0, 19).replace('T', ' ')} UTC`],
    ['Address', event.sourceIp],
    ['Program', harmless(event.userAgent) || 'unknown'],
  ] as const;
  return {
    subject: 'Your password was changed',
    text:
      [OPENING, facts.map(([name, value]) => `  ${name}: ${value}`).join('\n'), ...ADVICE].join('\n\n') +
      '\n',
    html: htmlOf(facts),
  };
}

const OPENING = 'The password of your account was changed.';
const ADVICE = [
  'If this was you, there is nothing to do.',
  'If this was not you, somebody else knows your password: set a new one at once, the way you always do, and tell our ' +
    'support. Change it wherever else you use the same one.',
  'This message was sent by a machine. It has no links, and we never ask for your password.',
];

function htmlOf(facts: readonly (readonly [string, string])[]): string {
  const rows = facts.map(
    ([name, value]) => `<tr><th align="left">${name}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  const paragraphs = ADVICE.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`);
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Your password was changed</title></head>' +
    `<body><p>${OPENING}</p><table>${rows.join('')}</table>${paragraphs.join('')}</body></html>`
  );
}

const SHOWN_CHARACTERS = 120;

/**
 * What a client calls itself, for a reader's eyes. Whoever changed the password wrote it, and anyone may register any
 * address, so it must not become a message to the reader: mail programs make links of what looks like one.
 */
function harmless(userAgent: string): string {
  return userAgent
    .replace(/[^\w .,;()/+-]/g, ' ')
    .replace(/\.(?=\p{L})/gu, ' ')
    .replace(/\/(?=\/)/g, ' ')
    .replace(/ {2,}/g, ' ')
    .trim()
    .slice(0, SHOWN_CHARACTERS);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}
