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
export const STYLE = `:root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif;background:light-dark(#f7f5f0,#14171a);color:light-dark(#1b1f23,#e8eaed)}
*{box-sizing:border-box}
body{max-width:34rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.1rem;margin:0 0 .75rem}
button,input{font:inherit;color:inherit;background:light-dark(#fff,#1d2126);border:1px solid light-dark(#868d95,#6d757e);border-radius:.5rem;padding:.4rem .85rem;min-height:2.5rem}
button{cursor:pointer;font-weight:500}button:hover{background:light-dark(#efece4,#272c32)}
input[name=username]{display:block;width:100%;margin-top:.25rem}
input[type=checkbox]{min-height:auto}
:focus-visible{outline:3px solid light-dark(#1d5f8a,#8cc4ea);outline-offset:2px}
form{background:light-dark(#fff,#1d2126);border:1px solid light-dark(#dfdbd1,#343a41);border-radius:.75rem;padding:1.25rem;margin:1rem 0}
label{display:block;margin:.5rem 0}fieldset{border:0;padding:0;margin:.75rem 0}legend{padding:0}
ul{list-style:none;padding:0;margin:0}li{margin:.5rem 0}`;

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
