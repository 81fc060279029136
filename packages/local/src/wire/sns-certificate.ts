import { ServiceError } from '../engine';
import type { Call, Operations, Output, Protocol, WireRequest } from './protocol';

const PATH = /^\/(SimpleNotificationService-[0-9a-f]{32}\.pem)$/;
const OPERATION = 'GetSigningCertificate';

/** Whether a request is for the address in the SigningCertURL of a message. */
export function isCertificateRequest({ method, path }: WireRequest): boolean {
  return method === 'GET' && PATH.test(path);
}

export const certificateOperations: Operations = { [OPERATION]: { run: certificate } };

async function certificate(_input: unknown, { request, context }: Call): Promise<Output> {
  const { fileName, pem } = await context.broker.sns.certificate();
  if (PATH.exec(request.path)?.[1] === fileName) return { pem };
  throw new ServiceError('NotFound', 'There is no such certificate.', 404);
}

/** A file as it is: no protocol of AWS. */
export const certificateProtocol: Protocol = {
  decode: () => ({ operation: OPERATION, input: {} }),
  result: (_operation, { pem }) => ({
    status: 200,
    headers: { 'content-type': 'application/x-pem-file' },
    body: pem as string,
  }),
  error: ({ status, message }) => ({
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: `${message}\n`,
  }),
};
