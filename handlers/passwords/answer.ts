import { answerAwsProblems } from '../shared/answer';
import type { HttpResponse } from '../shared/http';
import type { Log } from '../shared/log';

/** Answers with the problem that `respond` throws: 503 too, while the table of accounts takes no calls. */
export function answerAccountProblems(respond: () => Promise<HttpResponse>, log: Log): Promise<HttpResponse> {
  return answerAwsProblems(respond, {
    event: 'account not reached',
    detail: 'The accounts cannot be reached now.',
    log,
  });
}
