import type { Messaging } from '@aws-micro/messaging';
import { createRestApp, openApiDocument, type RequestReport } from '@aws-micro/messaging/rest';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { HttpResponse } from '../shared/http';
import type { Log } from '../shared/log';
import { type Authorizer, callerOf } from './caller';
import { requestOf, responseOf } from './gateway';

export interface MessagingApiOptions {
  readonly messaging: Messaging;
  /** What the names of all resources begin with. */
  readonly prefix: string;
  readonly allowWrites: boolean;
  /** How requests say who calls: signed by an IAM principal, or with a token. */
  readonly authorization: 'iam' | 'jwt';
}

/** Seconds that a request may take: API Gateway gives up after 30. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const MAX_WAIT_SECONDS = 25;

type Event = APIGatewayProxyEventV2 & { requestContext: { readonly authorizer?: Authorizer } };

/** The messaging REST API as a function behind API Gateway, which has said who calls. */
export class MessagingApi {
  private readonly app: ReturnType<typeof createRestApp>;
  private readonly callers = new WeakMap<Request, Authorizer | undefined>();
  /** Of the request that is answered: a process gets one at a time. */
  private log: Log | undefined;

  constructor(options: MessagingApiOptions) {
    const { messaging, allowWrites } = options;
    this.app = createRestApp({
      messaging,
      allowWrites,
      maxWaitSeconds: MAX_WAIT_SECONDS,
      access: (request) => callerOf(this.callers.get(request)),
      onRequest: (report) => this.note(report),
    });
    this.app.get('/openapi.json', (c) => c.json(documentFor(options, new URL(c.req.url).origin)));
  }

  async respond(event: Event, log: Log): Promise<HttpResponse> {
    const request = requestOf(event);
    this.callers.set(request, event.requestContext.authorizer);
    this.log = log;
    return responseOf(await this.app.fetch(request));
  }

  /** What changed something, and what went wrong. */
  private note({ method, route, status, access, error }: RequestReport): void {
    const fields = { method, route, status, caller: access?.name };
    const { name, code } = (error ?? {}) as { readonly name?: string; readonly code?: string };
    if (status >= 500) this.log?.error('request failed', { ...fields, error: name, code });
    else if (method !== 'GET' && method !== 'HEAD') this.log?.info('request answered', fields);
  }
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authtype.html */
const SIGNATURE = {
  type: 'apiKey',
  name: 'Authorization',
  in: 'header',
  description: 'AWS Signature Version 4 for execute-api.',
  'x-amazon-apigateway-authtype': 'awsSigv4',
};

function documentFor({ prefix, authorization }: MessagingApiOptions, url: string) {
  const description = `Resources whose names begin with ${prefix}`;
  const document = openApiDocument({ servers: [{ url, description }] });
  if (authorization === 'jwt') return document;
  const components = { ...document.components, securitySchemes: { signature: SIGNATURE } };
  return { ...document, security: [{ signature: [] }], components };
}
