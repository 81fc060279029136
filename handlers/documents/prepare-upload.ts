import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as v from 'valibot';
import { readBody } from '../shared/body';
import { answerProblems, type HttpResponse, jsonResponse } from '../shared/http';
import type { Log } from '../shared/log';
import { objectAddress } from '../shared/object-address';
import { presign, type PresignOptions } from '../shared/presign';
import { jsonBody } from '../shared/request';
import { CONTENT_TYPES } from './extract';

const MAX_BODY_BYTES = 4096;
const VALID_SECONDS = 300;

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const NAME_RULE =
  'must have 1 to 128 characters of A-Z, a-z, 0-9, dot, underscore and hyphen, and begin with one of the first three';

const rules = {
  noun: 'upload',
  schema: v.strictObject({
    name: v.pipe(v.string(), v.regex(NAME, NAME_RULE)),
    contentType: v.picklist(CONTENT_TYPES, `must be one of ${CONTENT_TYPES.join(', ')}`),
  }),
  example: '{"name": "notes.md", "contentType": "text/markdown"}',
};

export interface PrepareUploadOptions extends Pick<PresignOptions, 'region' | 'credentials'> {
  readonly bucket: string;
  /** Where S3 answers, if not at its own address. */
  readonly endpoint?: string;
  readonly log: Log;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

/** `POST /documents`: 201 with an address that takes the document, by PUT with its content type, for five minutes. */
export function prepareUpload(
  event: APIGatewayProxyEventV2,
  { bucket, endpoint, log, now = Date.now, ...signing }: PrepareUploadOptions,
): Promise<HttpResponse> {
  return answerProblems(() => {
    const { name, contentType } = readBody(jsonBody(event, MAX_BODY_BYTES), rules);
    const key = `incoming/${randomUUID()}/${name}`;
    const headers = { 'content-type': contentType };
    const signedAt = now();
    const { protocol, host, path } = objectAddress({ bucket, key, endpoint, region: signing.region });
    const request = presign({
      ...signing,
      method: 'PUT',
      service: 's3',
      host,
      path,
      headers,
      validSeconds: VALID_SECONDS,
      signedAt,
    });
    log.info('upload prepared', { key });
    const expiresAt = new Date(signedAt + VALID_SECONDS * 1000).toISOString();
    return Promise.resolve(jsonResponse(201, { key, url: `${protocol}//${request}`, headers, expiresAt }));
  });
}
