const PARTS: Readonly<Record<string, string>> = {
  '**/': '(?:.*/)?',
  '**': '.*',
  '*': '[^/]*',
  '?': '[^/]',
};

/** A pattern of file names: `*` and `?` stay in a folder, `**` does not; `{a,b}` is one of both. */
export function globPattern(glob: string): RegExp {
  let depth = 0;
  const source = glob.replace(/\*\*\/|\*\*|[*?{},.+^$()|[\]\\]/g, (token) => {
    if (token === '{' || token === '}') {
      depth += token === '{' ? 1 : -1;
      return token === '{' ? '(?:' : ')';
    }
    if (token === ',') {
      return depth > 0 ? '|' : ',';
    }
    return PARTS[token] ?? `\\${token}`;
  });
  return new RegExp(`^${source}$`);
}
