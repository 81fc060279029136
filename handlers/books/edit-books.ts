import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { requireAdmin } from '../shared/admin';
import { answerAwsProblems } from '../shared/answer';
import { HttpProblem, type HttpResponse, jsonResponse } from '../shared/http';
import { idempotentId } from '../shared/idempotent-id';
import type { Log } from '../shared/log';
import { jsonBody } from '../shared/request';
import { type Book, readBook } from './book';
import type { Books } from './books';

/** Ours for good: with another namespace a repeated request would become a second book. */
const NAMESPACE = '5b1d7a3e94c84c2fa0e6d8b2c7f31945';
const MAX_BODY_BYTES = 16_384;
const BOOK_ID = /^[A-Za-z0-9-]{1,64}$/;

export interface EditBooksOptions {
  readonly books: Books;
  readonly log: Log;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

type Edit = (event: APIGatewayProxyEventV2, options: EditBooksOptions) => Promise<HttpResponse>;

/** `POST /books`, `PUT` and `DELETE /books/{id}`: for administrators. */
export function editBooks(event: APIGatewayProxyEventV2, options: EditBooksOptions): Promise<HttpResponse> {
  const [method = ''] = event.routeKey.split(' ');
  const respond = () => {
    requireAdmin(event);
    return (EDITS[method] ?? notAllowed)(event, options);
  };
  return answerAwsProblems(async () => respond(), {
    event: 'book not written',
    detail: 'The catalogue cannot be changed now.',
    log: options.log,
  });
}

const EDITS: Readonly<Record<string, Edit>> = { POST: addBook, PUT: changeBook, DELETE: removeBook };

function notAllowed(): Promise<HttpResponse> {
  throw new HttpProblem(405, 'Books take GET, POST, PUT and DELETE.');
}

async function addBook(
  event: APIGatewayProxyEventV2,
  { books, log, now = Date.now }: EditBooksOptions,
): Promise<HttpResponse> {
  const id = idempotentId(event.headers['idempotency-key'], NAMESPACE);
  const book = { id, ...readBook(jsonBody(event, MAX_BODY_BYTES)) };
  if (await books.add(book, new Date(now()).toISOString())) log.info('book added', { id });
  // A request that is repeated, by the client or by the SDK because the answer did not come, finds its own book.
  else requireSame(book, await books.get(id));
  const response = jsonResponse(201, book);
  return { ...response, headers: { ...response.headers, location: `/books/${id}` } };
}

/** @throws HttpProblem 422 */
function requireSame(wanted: Book, stored: Book | undefined): void {
  if (JSON.stringify(wanted) === JSON.stringify(stored)) return;
  const detail = 'was used for another book, or the book was changed meanwhile';
  throw new HttpProblem(422, `The Idempotency-Key ${detail}.`, [{ header: 'idempotency-key', detail }]);
}

async function changeBook(
  event: APIGatewayProxyEventV2,
  { books, log }: EditBooksOptions,
): Promise<HttpResponse> {
  const id = idOf(event);
  const content = readBook(jsonBody(event, MAX_BODY_BYTES));
  if (!(await books.change(id, content))) throw new HttpProblem(404, `There is no book ${id}.`);
  log.info('book changed', { id });
  return jsonResponse(200, { id, ...content });
}

async function removeBook(
  event: APIGatewayProxyEventV2,
  { books, log }: EditBooksOptions,
): Promise<HttpResponse> {
  const id = idOf(event);
  await books.remove(id);
  log.info('book removed', { id });
  return { statusCode: 204 };
}

/** @throws HttpProblem 404 for what no book has as its id */
function idOf({ pathParameters }: APIGatewayProxyEventV2): string {
  const id = pathParameters?.id ?? '';
  if (BOOK_ID.test(id)) return id;
  throw new HttpProblem(404, 'There is no such book.', [
    { parameter: 'id', detail: 'must have 1 to 64 letters, digits and hyphens' },
  ]);
}
