import type { ServerResponse } from 'node:http';

const MAX_HELD = 256;

/** Requests that get no answer, because the network would not let them through: they end when the caller gives up. */
export class HeldRequests {
  private readonly responses = new Set<ServerResponse>();

  hold(response: ServerResponse): void {
    const [oldest] = this.responses;
    if (oldest && this.responses.size >= MAX_HELD) oldest.destroy();
    this.responses.add(response);
    response.on('close', () => this.responses.delete(response));
  }

  get size(): number {
    return this.responses.size;
  }

  releaseAll(): void {
    for (const response of this.responses) response.destroy();
  }
}
