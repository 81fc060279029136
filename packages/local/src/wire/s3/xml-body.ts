import { S3Error } from '../../s3';
import type { XmlTree } from '../../s3';
import type { Xml } from '../xml';
import { renderXml } from '../xml';
import type { WireRequest } from '../protocol';
import { incomingBody } from './incoming-body';
import { reply } from './request';
import type { Output } from '../protocol';

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';
// Ten thousand parts with their checksums.
const MAX_BYTES = 8 * 1024 * 1024;

export function xmlReply(
  root: string,
  content: { readonly [name: string]: Xml },
  headers: Readonly<Record<string, string | undefined>> = {},
): Output {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${NAMESPACE}">${renderXml(content)}</${root}>`;
  return reply(200, { 'content-type': 'application/xml', ...headers }, body);
}

/** A body whose claims are verified. @throws S3Error */
export async function readText(request: WireRequest): Promise<string> {
  const { collectBody } = await import('../../s3/body');
  return (await collectBody(incomingBody(request, 0), MAX_BYTES)).toString('utf8');
}

/** The content of a document's root element. @throws S3Error MalformedXML */
export async function readXml(request: WireRequest, root: string): Promise<XmlTree> {
  const source = await readText(request);
  const { XMLParser, XMLValidator } = await import('fast-xml-parser');
  const malformed = () =>
    new S3Error(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
    );
  if (XMLValidator.validate(source) !== true) throw malformed();
  const parser = new XMLParser({
    ignoreAttributes: true,
    ignoreDeclaration: true,
    removeNSPrefix: true,
    parseTagValue: false,
    // Keys may begin and end with spaces.
    trimValues: false,
    htmlEntities: true,
  });
  const parsed = parser.parse(source) as Record<string, unknown>;
  if (!Object.hasOwn(parsed, root)) throw malformed();
  return withoutSpace(parsed[root]) as XmlTree;
}

/** Without the space between elements. */
function withoutSpace(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutSpace);
  if (typeof node !== 'object' || node === null) return node === undefined ? '' : node;
  const elements = Object.entries(node).filter(([name]) => name !== '#text');
  return Object.fromEntries(elements.map(([name, value]) => [name, withoutSpace(value)]));
}
