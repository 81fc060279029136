import type { IncomingMessage } from 'node:http';
import { authorizeIam } from './authorizers/iam';
import type { SignedCall } from './authorizers/iam';
import type { Authorizing } from './caller';
import { ANYONE } from './caller';
import type { FunctionUrlConfig, HttpAnswer } from './config';
import { preflightOf, withCors } from './cors';
import { requestEvent } from './event';
import { Gateway } from './gateway';
import type { GatewayOptions, Outcome } from './gateway';
import { newRequestUuid } from './ids';
import { callFunction } from './invoke';
import type { ApiRequest } from './request';
import { headerOf } from './request';
import { proxyAnswer } from './response';

export interface FunctionUrlOptions extends GatewayOptions {
  readonly config: FunctionUrlConfig;
}

const STAGE = { name: '$default', variables: {} };
const ROUTE_KEY = '$default';

/**
 * One function URL: every request goes to its function in payload format 2.0.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */
export class FunctionUrl extends Gateway {
  readonly identity: FunctionUrlConfig;
  private readonly config: FunctionUrlConfig;

  constructor(options: FunctionUrlOptions) {
    super(options);
    this.config = this.identity = options.config;
  }

  protected preflight(incoming: IncomingMessage): HttpAnswer | undefined {
    return preflightOf(incoming, this.config.cors);
  }

  protected newRequestId(): string {
    return newRequestUuid();
  }

  protected ownHeaders(requestId: string, traceId: string): Record<string, string> {
    return { 'x-amzn-requestid': requestId, 'x-amzn-trace-id': traceId.split(';')[0]! };
  }

  protected failure(): HttpAnswer {
    return urlAnswer(502, 'Internal Server Error');
  }

  protected tooLarge(): HttpAnswer {
    return urlAnswer(413, 'Request must be smaller than 6291556 bytes for the InvokeFunction operation');
  }

  protected async answer(request: ApiRequest): Promise<Outcome> {
    const { cors } = this.config;
    const answer = await this.invoke(request);
    if (answer === undefined) return undefined;
    return { answer: cors === undefined ? answer : withCors(answer, cors, headerOf(request, 'origin')) };
  }

  private async invoke(request: ApiRequest): Promise<HttpAnswer | undefined> {
    const authorizing = this.authorize(request);
    if (authorizing === 'unreachable') {
      return undefined;
    }
    if ('refusal' in authorizing) {
      return urlAnswer(403, 'Forbidden');
    }
    const { caller } = authorizing;
    const accountId = caller.kind === 'anyone' ? 'anonymous' : undefined;
    const context = { api: this.config, stage: STAGE, routeKey: ROUTE_KEY, pathParameters: undefined };
    const event = requestEvent(request, { ...context, caller, accountId });
    const called = { ...this.config, routeKey: this.config.address };
    const result = await callFunction(called, event, request.traceId, this.options);
    if (result === 'too large') {
      return this.tooLarge();
    }
    return (typeof result === 'string' ? undefined : proxyAnswer(result, RESPONSE)) ?? this.failure();
  }

  private authorize(request: ApiRequest): Authorizing {
    const { authorization, functionArn } = this.config;
    if (authorization === 'NONE') {
      return { caller: ANYONE };
    }
    return authorizeIam(request, this.config, { ...SIGNED, resource: functionArn }, this.options);
  }
}

const RESPONSE = { format: '2.0', contentType: 'application/json' } as const;

/**
 * New function URLs need both actions since October 2025.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
 */
const SIGNED: Omit<SignedCall, 'resource'> = {
  service: 'lambda',
  actions: ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'],
  conditions: () => CONDITIONS,
};
const CONDITIONS = new Map([
  ['lambda:functionurlauthtype', 'AWS_IAM'],
  ['lambda:invokedviafunctionurl', 'true'],
]);

/** Function URLs write `Message` where API Gateway writes `message`. */
function urlAnswer(status: number, message: string): HttpAnswer {
  const headers = { 'content-type': 'application/json' };
  return { status, headers, body: JSON.stringify({ Message: message }) };
}
