import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface CapturedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** `'hang'` never answers, `'reset'` drops the connection. */
export type Response = Answer | 'hang' | 'reset';
export type Responder = (request: CapturedRequest) => Response | Promise<Response>;

/** An HTTP server on 127.0.0.1 that keeps what it was asked. */
export interface LoopbackServer {
  readonly url: string;
  readonly requests: CapturedRequest[];
  respond: Responder;
  close(): Promise<void>;
}

export async function startLoopbackServer(respond: Responder): Promise<LoopbackServer> {
  const server = createServer((request, response) => {
    void text(request).then(async (body) => {
      const { method = '', url = '', headers } = request;
      const captured = { method, path: url, headers, body };
      loopback.requests.push(captured);
      const answer = await loopback.respond(captured);
      if (answer === 'hang') return;
      if (answer === 'reset') return void request.socket.destroy();
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const loopback: LoopbackServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    respond,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return loopback;
}

const XMLNS = 'xmlns="http://sns.amazonaws.com/doc/2010-03-31/"';

/** SNS's answer to an accepted Publish. */
export const published: Answer = {
  status: 200,
  headers: { 'content-type': 'text/xml' },
  body:
    `<PublishResponse ${XMLNS}><PublishResult><MessageId>94f20ce6-13c5-43a0-9a9e-ca52d816e90b</MessageId>` +
    '</PublishResult><ResponseMetadata><RequestId>f187a3c1-376f-11df-8963-01868b7c937a</RequestId>' +
    '</ResponseMetadata></PublishResponse>',
};

/** SNS's answer to a Publish that it refuses. */
export function refused(status: number, code: string): Answer {
  const type = status < 500 ? 'Sender' : 'Receiver';
  return {
    status,
    headers: { 'content-type': 'text/xml' },
    body:
      `<ErrorResponse ${XMLNS}><Error><Type>${type}</Type><Code>${code}</Code><Message>no</Message></Error>` +
      '<RequestId>9dd01905-5012-5f99-8663-4b3ecd0dfaef</RequestId></ErrorResponse>',
  };
}
