import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { answerAwsProblems } from '../shared/answer';
import { HttpProblem, type HttpResponse, jsonResponse } from '../shared/http';
import type { Log } from '../shared/log';
import { EVENT_ID } from './payment-event';
import type { Payments } from './payments';

export interface ReadPaymentOptions {
  readonly payments: Payments;
  readonly log: Log;
}

/** `GET /payments/{id}`: an event by its id. */
export function readPayment(
  { pathParameters }: APIGatewayProxyEventV2,
  { payments, log }: ReadPaymentOptions,
): Promise<HttpResponse> {
  const respond = async () => {
    const id = pathParameters?.id ?? '';
    if (!EVENT_ID.test(id)) {
      const detail = 'must have 1 to 255 characters of A-Z, a-z, 0-9, underscore and hyphen';
      throw new HttpProblem(400, `The id ${detail}.`, [{ parameter: 'id', detail }]);
    }
    const payment = await payments.get(id);
    // A received event is recorded a moment later, so a client may see this answer before.
    if (!payment) throw new HttpProblem(404, `There is no payment event ${id}.`);
    return jsonResponse(200, payment);
  };
  return answerAwsProblems(respond, {
    event: 'payment not read',
    detail: 'The payments cannot be read now.',
    log,
  });
}
