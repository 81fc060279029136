import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Hono } from 'hono';
import type { ServerEnvironment } from '../gate/exchange';

/** Swagger UI sets styles by scripts, and has its icons in data URLs; nothing else comes from anywhere but here. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Messaging API</title>
<link rel="icon" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/init.js"></script>
</body>
</html>
`;

// A file of its own: the policy forbids scripts in the page. The validator's badge would be an image from elsewhere.
const INIT = `window.ui = SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
  displayRequestDuration: true,
});
`;

const TYPES: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

/** Swagger UI at `/docs`, from the installed package. */
export function swaggerPages(): Hono<ServerEnvironment> {
  const app = new Hono<ServerEnvironment>();
  const folder = join(require.resolve('swagger-ui-dist/package.json'), '..');
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  app.get('/docs', (c) =>
    c.html(PAGE, 200, { 'content-security-policy': POLICY, 'cache-control': 'no-store' }),
  );
  app.get('/docs/init.js', (c) => c.body(INIT, 200, { 'content-type': 'text/javascript; charset=utf-8' }));
  app.get('/docs/:file', (c) => {
    const name = c.req.param('file');
    const type = Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
    if (type === undefined) return c.notFound();
    // Read when they are first asked for: most servers never show them.
    const content = files.get(name) ?? new Uint8Array(readFileSync(join(folder, name)));
    files.set(name, content);
    return c.body(content, 200, { 'content-type': type, 'cache-control': 'max-age=3600' });
  });
  return app;
}
