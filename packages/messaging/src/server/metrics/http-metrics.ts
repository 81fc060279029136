import { Counter, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Requests by method, template of the route, and status. */
export class HttpMetrics {
  private readonly requests: Counter;
  private readonly durations: Histogram;

  constructor(registry: Registry) {
    const registers = [registry];
    this.requests = new Counter({
      name: 'http_requests_total',
      help: 'Requests answered',
      labelNames: ['method', 'route', 'status'],
      registers,
    });
    this.durations = new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time until the answer was whole; streams are left out',
      labelNames: ['method', 'route'],
      buckets: BUCKETS,
      registers,
    });
  }

  /** @param route its template; '' for paths that there are not */
  observe(method: string, route: string, status: number, seconds: number | undefined): void {
    // Anybody can make up methods and paths.
    const labels = { method: METHODS.has(method) ? method : 'other', route: route || 'unknown' };
    this.requests.inc({ ...labels, status: String(status) });
    if (seconds !== undefined) this.durations.observe(labels, seconds);
  }
}
