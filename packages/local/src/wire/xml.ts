/** An element's content: text, elements by name, or several elements of the same name. */
export type Xml = string | number | boolean | undefined | readonly Xml[] | { readonly [name: string]: Xml };

/** Elements as text; a list repeats its element, undefined leaves it out. */
export function renderXml(elements: { readonly [name: string]: Xml }): string {
  let text = '';
  for (const name in elements) text += renderElement(name, elements[name]);
  return text;
}

function renderElement(name: string, content: Xml): string {
  if (content === undefined) return '';
  if (Array.isArray(content)) return (content as Xml[]).map((item) => renderElement(name, item)).join('');
  if (typeof content === 'object')
    return `<${name}>${renderXml(content as { [name: string]: Xml })}</${name}>`;
  return `<${name}>${escapeXml(String(content))}</${name}>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // Parsers turn a bare carriage return into a line feed.
  '\r': '&#xD;',
};

function escapeXml(text: string): string {
  return /[&<>"\r]/.test(text) ? text.replace(/[&<>"\r]/g, (character) => ESCAPES[character]!) : text;
}
