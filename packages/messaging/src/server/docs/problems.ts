import { Hono } from 'hono';
import { PROBLEMS } from '../../rest/problem';
import type { ServerEnvironment } from '../gate/exchange';

const POLICY = "default-src 'none'; style-src 'none'; frame-ancestors 'none'";

/** What `type` of a problem leads to: a short page each, and a list of them. */
export function problemPages(): Hono<ServerEnvironment> {
  const app = new Hono<ServerEnvironment>();
  const headers = { 'content-security-policy': POLICY };
  const list = Object.entries(PROBLEMS)
    .map(
      ([code, { status, title }]) =>
        `<li><a href="problems/${code}">${code}</a> (${status}): ${escape(title)}</li>`,
    )
    .join('\n');
  app.get('/problems', (c) => c.html(page('Problems', `<ul>\n${list}\n</ul>`), 200, headers));
  app.get('/problems/:code', (c) => {
    const code = c.req.param('code');
    if (!isCode(code)) return c.notFound();
    const { status, title, explanation } = PROBLEMS[code];
    const text = `<p>${escape(explanation)}</p>\n<p>Status ${status}, code <code>${code}</code>.</p>`;
    return c.html(page(title, text), 200, headers);
  });
  return app;
}

function isCode(code: string): code is keyof typeof PROBLEMS {
  return Object.hasOwn(PROBLEMS, code);
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escape(title)}</title></head>
<body>
<main>
<h1>${escape(title)}</h1>
${body}
</main>
</body>
</html>
`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
