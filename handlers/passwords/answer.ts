import { AwsError } from '../shared/aws-error';
import { answerProblems, HttpProblem, type HttpResponse } from '../shared/http';
import type { Log } from '../shared/log';

/** Answers with the problem that `respond` throws: 503 too, while the table of accounts takes no calls. */
export function answerAccountProblems(respond: () => Promise<HttpResponse>, log: Log): Promise<HttpResponse> {
  return answerProblems(async () => {
    try {
      return await respond();
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      log.error('account not reached', error.fields);
      if (error.permanent) throw error;
      throw new HttpProblem(503, 'The accounts cannot be reached now.', [], { 'retry-after': '1' });
    }
  });
}
