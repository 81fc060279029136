import { route } from '../route';
import { json, listQuery } from '../schemas/base';
import { FunctionName } from '../schemas/names';
import { FunctionPage, Invocation, InvocationResult, Mail, SentMail } from '../schemas/services';

export const functionRoutes = [
  route({
    method: 'GET',
    path: '/v1/functions',
    operationId: 'listFunctions',
    tag: 'Functions',
    summary: 'Lists functions',
    scope: 'read',
    query: listQuery,
    success: { status: 200, description: 'A page of functions.', schema: FunctionPage },
    run: async ({ messaging, query }) => json(await messaging.functions.list(query)),
  }),
  route({
    method: 'POST',
    path: '/v1/functions/{function}/invocations',
    operationId: 'invokeFunction',
    tag: 'Functions',
    summary: 'Invokes a function',
    description: 'An error of the function itself is an answer (200) with error.',
    scope: 'write',
    idempotent: true,
    params: { function: FunctionName },
    body: Invocation,
    bodyOptional: true,
    success: { status: 200, description: 'What became of the invocation.', schema: InvocationResult },
    run: async ({ messaging, params, body: { payload = null, mode } }) => {
      const result = await messaging.functions.invoke(params.function, payload, { mode });
      return { ...result, payload: result.payload ?? null, error: result.error ?? null };
    },
  }),
];

export const mailRoutes = [
  route({
    method: 'POST',
    path: '/v1/emails',
    operationId: 'sendMail',
    tag: 'E-mail',
    summary: 'Sends a mail',
    description: 'From an identity that SES has verified.',
    scope: 'write',
    idempotent: true,
    body: Mail,
    success: { status: 202, description: 'SES has the mail.', schema: SentMail },
    run: ({ messaging, body }) => messaging.mail.send(body),
  }),
];
