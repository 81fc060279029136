import type { AuthorizationRequest } from './authorization';
import type { UserPool } from './user-pool';

/** The sign-in page of this machine: everybody is who they say they are. */
export function signInPage(pool: UserPool, { client }: AuthorizationRequest, query: string): string {
  const users = pool.users.filter(({ enabled }) => enabled);
  const known = users.map(({ username, groups, attributes }) => {
    const more = [attributes['email'], groups.length > 0 ? `groups: ${groups.join(', ')}` : undefined];
    const shown = pool.config.emailIsUsername ? (attributes['email'] ?? username) : username;
    const details = more.filter((text) => text !== undefined && text !== shown).join('; ');
    return `<li><button name="username" value="${escaped(username)}">${escaped(shown)}</button> ${escaped(details)}</li>`;
  });
  const groups = pool.config.groups.map(
    (group) =>
      `<label><input type="checkbox" name="group" value="${escaped(group)}" checked> ${escaped(group)}</label>`,
  );
  const action = `/oauth2/authorize?${escaped(query)}`;
  return page(
    `Sign in to ${client.name}`,
    `<p>This page stands in for Cognito on this machine. No password is asked for.</p>
${known.length === 0 ? '' : `<form method="post" action="${action}"><h2>As somebody known</h2><ul>${known.join('')}</ul></form>`}
<form method="post" action="${action}"><h2>As somebody new</h2>
<label>Name <input name="username" required maxlength="128" pattern="[^\\s<>]+" autocomplete="username"></label>
${groups.length === 0 ? '' : `<fieldset><legend>Groups</legend>${groups.join('')}</fieldset>`}
<input type="hidden" name="new" value="yes">
<button>Sign in</button></form>`,
  );
}

export function problemPage(title: string, text: string): string {
  return page(title, `<p role="alert">${escaped(text)}</p>`);
}

/** Its styles are the only thing that the page's policy lets in. */
export const STYLE = `:root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}
body{max-width:34rem;margin:2rem auto;padding:0 1rem}
button,input{font:inherit;padding:.35rem .75rem;min-height:2.5rem}
input[type=checkbox]{min-height:auto}
form{border:1px solid GrayText;border-radius:.6rem;padding:1rem;margin:1rem 0}
label{display:block;margin:.5rem 0}fieldset{border:0;padding:0;margin:0}ul{list-style:none;padding:0}`;

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title><style>${STYLE}</style></head>
<body><main><h1>${escaped(title)}</h1>
${body}
</main></body></html>`;
}

function escaped(text: string): string {
  const names: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replaceAll(/[&<>"']/g, (character) => names[character] ?? character);
}
