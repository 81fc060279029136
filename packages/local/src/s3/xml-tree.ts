import type { XmlNode, XmlTree } from './types';

/** The elements of a name that are no text. */
export function trees(node: XmlNode | undefined): XmlTree[] {
  if (node === undefined) return [];
  const nodes = Array.isArray(node) ? (node as readonly (string | XmlTree)[]) : [node as string | XmlTree];
  return nodes.filter((each) => typeof each !== 'string');
}

export function texts(node: XmlNode | undefined): string[] {
  if (node === undefined) return [];
  const nodes = Array.isArray(node) ? (node as readonly (string | XmlTree)[]) : [node as string | XmlTree];
  return nodes.filter((each) => typeof each === 'string');
}

/** Empty where it is not there. */
export function text(node: XmlNode | undefined): string {
  return texts(node)[0] ?? '';
}
