import { createHash } from 'node:crypto';
import type { Answer, Request } from './proxy';

/** REST of CloudFront: https://docs.aws.amazon.com/cloudfront/latest/APIReference/ */
const PATH =
  /^\/2020-05-31\/(function|response-headers-policy)(?:\/([^/?]+))?(?:\/(describe|publish|config))?(?:\?|$)/;
const XMLNS = 'xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"';
const MADE_AT = '2026-01-02T03:04:05Z';

/**
 * What moto 5.2.1 lacks of CloudFront: functions and policies of response headers. Kept as they were given, so that the provider
 * reads back what it wrote.
 */
export class MotoCloudFront {
  /** By kind and id: the XML that the answer has of it, and a function's code. */
  private readonly kept = new Map<string, { readonly xml: string; readonly code: string }>();

  /** @returns undefined for whatever moto knows itself */
  answer({ method, url, body }: Request): Answer | undefined {
    const [, kind, id, part] = PATH.exec(url) ?? [];
    if (kind === undefined) return undefined;
    if (method === 'POST' && id === undefined) return this.create(kind, body.toString());
    const key = `${kind}/${id}`;
    const found = this.kept.get(key);
    if (id === undefined || !found) return notFound(kind);
    if (method === 'DELETE') {
      this.kept.delete(key);
      return { status: 204, headers: {}, body: Buffer.alloc(0) };
    }
    if (method === 'PUT') return this.keep(kind, id, body.toString(), 200);
    if (kind === 'function' && part === undefined) return answerOf(200, found.code, 'application/javascript');
    return answerOf(200, found.xml);
  }

  private create(kind: string, sent: string): Answer {
    const name = inner(sent, 'Name');
    // A policy has an id of CloudFront's making, a function its name.
    const id = kind === 'function' ? name : createHash('md5').update(name).digest('hex');
    return this.keep(kind, id, sent, 201);
  }

  private keep(kind: string, id: string, sent: string, status: number): Answer {
    const code = Buffer.from(inner(sent, 'FunctionCode'), 'base64').toString();
    const xml = kind === 'function' ? functionXml(id, sent) : policyXml(id, sent);
    this.kept.set(`${kind}/${id}`, { xml, code });
    return answerOf(status, xml);
  }
}

function functionXml(name: string, sent: string): string {
  const metadata =
    `<FunctionARN>arn:aws:cloudfront::123456789012:function/${name}</FunctionARN><Stage>LIVE</Stage>` +
    `<CreatedTime>${MADE_AT}</CreatedTime><LastModifiedTime>${MADE_AT}</LastModifiedTime>`;
  return (
    `<FunctionSummary ${XMLNS}><Name>${name}</Name><Status>DEPLOYED</Status>` +
    `<FunctionConfig>${inner(sent, 'FunctionConfig')}</FunctionConfig>` +
    `<FunctionMetadata>${metadata}</FunctionMetadata></FunctionSummary>`
  );
}

function policyXml(id: string, sent: string): string {
  const config = inner(sent, 'ResponseHeadersPolicyConfig');
  return (
    `<ResponseHeadersPolicy ${XMLNS}><Id>${id}</Id><LastModifiedTime>${MADE_AT}</LastModifiedTime>` +
    `<ResponseHeadersPolicyConfig>${config}</ResponseHeadersPolicyConfig></ResponseHeadersPolicy>`
  );
}

/** What is in the first element of that name. */
function inner(xml: string, name: string): string {
  return new RegExp(`<${name}(?: [^>]*)?>(.*?)</${name}>`, 's').exec(xml)?.[1] ?? '';
}

function answerOf(status: number, body: string, type = 'text/xml'): Answer {
  const etag = createHash('md5').update(body).digest('hex');
  return { status, headers: { 'content-type': type, etag }, body: Buffer.from(body) };
}

function notFound(kind: string): Answer {
  const code = kind === 'function' ? 'NoSuchFunctionExists' : 'NoSuchResponseHeadersPolicy';
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>It is not there.</Message></Error>`;
  const body = `<ErrorResponse ${XMLNS}>${error}<RequestId>1</RequestId></ErrorResponse>`;
  return answerOf(404, body);
}
