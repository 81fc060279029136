import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { Access } from '../../rest/options';

/** A request and its answer, as the server's parts see it. */
export interface Exchange {
  readonly id: string;
  readonly startedAt: number;
  readonly address: string | undefined;
  /** Undefined: no token, or none that is known. */
  access: Access | undefined;
  /** Template of the route; '' for what nobody has answered. */
  route: string;
  /** The REST API reports its requests itself. */
  isReported: boolean;
}

/** What handlers get with a request. */
export interface ServerBindings extends HttpBindings {
  readonly exchange: Exchange;
}

export interface ServerEnvironment {
  Bindings: ServerBindings;
}

export type ServerContext = Context<ServerEnvironment>;

const REQUEST_ID = /^[\w.:-]{1,128}$/;

/** Takes over the caller's id of the request, or makes one; the answer has it. */
export function openExchange(incoming: IncomingMessage, outgoing: ServerResponse): Exchange {
  const given = incoming.headers['x-request-id'];
  const id = typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
  outgoing.setHeader('x-request-id', id);
  outgoing.setHeader('x-content-type-options', 'nosniff');
  return {
    id,
    startedAt: performance.now(),
    address: incoming.socket.remoteAddress,
    access: undefined,
    route: '',
    isReported: false,
  };
}
