import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as v from 'valibot';
import { callAws } from '../shared/aws-error';
import { answerAwsProblems } from '../shared/answer';
import { HttpProblem, type HttpResponse, jsonResponse } from '../shared/http';
import { JsonSyntaxError, parseJson } from '../shared/json';
import type { Log } from '../shared/log';
import { outgoingTraceparent, traceAttributes, TRACEPARENT } from '../shared/trace-context';
import { type PaymentEvent, providerEvent, serializePayment, toPaymentEvent } from './payment-event';
import type { SigningSecrets } from './secrets';
import { isSigned } from './signature';

const MAX_BODY_BYTES = 262_144;
const HEADER = 'stripe-signature';

export interface ReceivePaymentOptions {
  readonly signingSecrets: SigningSecrets;
  /** The secret's name, for whoever has to put its value. */
  readonly secretId: string;
  readonly sns: Pick<SNSClient, 'send'>;
  readonly topicArn: string;
  readonly log: Log;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

/**
 * `POST /webhooks/payments`: 202 once the topic has the event. The provider sends again what was not answered so, for days;
 * the same event twice is recorded once.
 */
export function receivePayment(
  event: APIGatewayProxyEventV2,
  options: ReceivePaymentOptions,
): Promise<HttpResponse> {
  const respond = async () => {
    const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
    await requireSigned(event.headers[HEADER], body, options);
    const payment = paymentOf(body);
    await publish(payment, outgoingTraceparent(event.headers[TRACEPARENT]), options);
    return jsonResponse(202, { received: true, id: payment.id });
  };
  return answerAwsProblems(respond, {
    event: 'payment not received',
    detail: 'The event cannot be taken now.',
    log: options.log,
  });
}

/** @throws HttpProblem 400 that does not say what is wrong with the signature, 413, 503 while there is no secret */
async function requireSigned(
  header: string | undefined,
  body: Uint8Array,
  { signingSecrets, secretId, log, now = Date.now }: ReceivePaymentOptions,
): Promise<void> {
  if (body.length > MAX_BODY_BYTES) {
    throw new HttpProblem(413, `The body must have ${MAX_BODY_BYTES} bytes at most.`);
  }
  const secrets = await signingSecrets.values();
  if (secrets === undefined) {
    log.error('secret has no value', { secretId });
    const detail =
      'The webhook has no secret yet. Put the one that the provider signs with: ' +
      `aws secretsmanager put-secret-value --secret-id ${secretId} --secret-string <secret>`;
    throw new HttpProblem(503, detail);
  }
  if (isSigned({ header, body, secrets, now: now() })) return;
  log.warn('signature refused');
  throw new HttpProblem(400, 'The signature is missing or not valid.', [
    {
      header: HEADER,
      detail: 'must be t=<seconds>,v1=<hex>: made a moment ago, of this body, with the secret',
    },
  ]);
}

/** @throws HttpProblem 400 if it is not JSON, 422 if it is no event */
function paymentOf(body: Buffer): PaymentEvent {
  const result = v.safeParse(providerEvent, parsed(body.toString()));
  if (result.success) return toPaymentEvent(result.output);
  const paths = [...new Set(result.issues.map((issue) => v.getDotPath(issue) ?? 'the body'))];
  const parts = paths.map((path) => ({
    pointer: `#/${path.replaceAll('.', '/')}`,
    detail: 'is missing or wrong',
  }));
  throw new HttpProblem(422, `The event cannot be taken: ${paths.join(', ')} is missing or wrong.`, parts);
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    const detail = error.message;
    throw new HttpProblem(400, `The body is not JSON: ${detail}.`, [{ pointer: '#', detail }]);
  }
}

async function publish(
  payment: PaymentEvent,
  traceparent: string,
  { sns, topicArn, log }: ReceivePaymentOptions,
): Promise<void> {
  const command = new PublishCommand({
    TopicArn: topicArn,
    Message: serializePayment(payment),
    MessageAttributes: {
      eventType: { DataType: 'String', StringValue: payment.type },
      ...traceAttributes(traceparent),
    },
  });
  await callAws('sns:Publish', sns.send(command));
  log.info('payment received', { eventId: payment.id, eventType: payment.type, traceparent });
}
