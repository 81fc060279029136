/** Bytes that SNS takes as one message; the names, types and values of its attributes count. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
export const MAX_PUBLISH_BYTES = 262_144;

/** Lambda's limit of a synchronous event, and of its answer. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const LAMBDA_BYTES = 6 * 1024 * 1024;

/**
 * Room for what is in the event beside the body. API Gateway lets 10,240 bytes of request line and headers through, of which the
 * path, the query and the user agent stand in the event up to three times, with quotes and backslashes doubled; the rest of the event takes
 * under 4 KiB. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
 */
const EVENT_HEAD_BYTES = 64 * 1024;

/**
 * Bytes of the largest message, as JSON in JSON: 6,225,920.
 *
 * - In: API Gateway takes bodies of 10 MB, but hands them to Lambda as a JSON string inside the event. A quote is `\"` in the body
 *   and `\\\"` in the event; a control character seven bytes; a letter one. So the message counts as it is written there.
 *   What is over the limit is refused by us up to where API Gateway itself answers 413, without a problem document; where a client escapes
 *   more than JSON asks for (`\u0061`), or sends a type that is passed on in base64, it meets that earlier.
 * - Out: GET /messages/{messageId} answers with the message as a JSON string inside the body, which is a JSON string inside the function's
 *   answer: the same bytes again, with some 300 around them.
 * - Between: the object in S3 and the row have fewer bytes, as they are escaped once or not at all. MEDIUMTEXT takes 16 MiB; the statement
 *   that inserts it escapes no character that takes one byte here to more than two, so 12 MB of the 64 that RDS for MySQL takes
 *   (`max_allowed_packet`, and 16 of MariaDB).
 */
export const MAX_ESCAPED_BYTES = LAMBDA_BYTES - EVENT_HEAD_BYTES;

/** What a message counts against MAX_ESCAPED_BYTES. */
export function escapedBytes(message: string): number {
  return Buffer.byteLength(JSON.stringify(JSON.stringify(message)));
}

/** The largest object that the producer writes: escaped once, with id and time. */
export const MAX_OBJECT_BYTES = LAMBDA_BYTES;

/**
 * Bytes of large messages that are in the consumer's memory at a time, and in one statement, where each may take two: below the 16 MiB
 * that MariaDB takes by default.
 */
export const MAX_PORTION_BYTES = 8_000_000;
