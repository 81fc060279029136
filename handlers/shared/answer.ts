import { AwsError } from './aws-error';
import { answerProblems, HttpProblem, type HttpResponse } from './http';
import type { Log } from './log';

const RETRY_AFTER_SECONDS = '1';

export interface Unreachable {
  /** What the log calls it: `account not reached`. */
  readonly event: string;
  /** What clients are told: `The accounts cannot be reached now.` */
  readonly detail: string;
}

/**
 * Answers with the problem that `respond` throws: 503 too, while a service of AWS that it needs takes no calls. A call that
 * AWS refuses for good is a mistake of the deployment: it goes on to Lambda, whose error alarm counts it.
 */
export function answerAwsProblems(
  respond: () => Promise<HttpResponse>,
  { event, detail, log }: Unreachable & { readonly log: Log },
): Promise<HttpResponse> {
  return answerProblems(async () => {
    try {
      return await respond();
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      log.error(event, error.fields);
      if (error.permanent) throw error;
      throw new HttpProblem(503, detail, [], { 'retry-after': RETRY_AFTER_SECONDS });
    }
  });
}
