/** Parts with commas between them, in lines of so many characters where no part is longer. */
export function wrapped(parts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const [index, part] of parts.entries()) {
    const text = index < parts.length - 1 ? `${part},` : part;
    const longer = line === '' ? text : `${line} ${text}`;
    if (line !== '' && longer.length > width) {
      lines.push(line);
      line = text;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}
