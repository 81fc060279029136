import type { Clock } from '../../clock';
import { Throttles } from '../throttle';
import type { ApiKeyConfig, UsagePlan } from './config';
import type { ResponseType } from './gateway-responses';

const DAY_MS = 24 * 3600 * 1000;

/** Whether requests may use a stage by their API keys, and still may. */
export class ApiKeys {
  private readonly throttles: Throttles;
  private readonly used = new Map<string, { period: number; count: number }>();

  constructor(
    private readonly keys: readonly ApiKeyConfig[],
    private readonly clock: Clock,
  ) {
    this.throttles = new Throttles(clock);
  }

  /** The key of that value, counted as used once more, or why it does not let the request pass. */
  use(value: string | undefined, stage: string): ApiKeyConfig | ResponseType {
    const key = this.keys.find((candidate) => candidate.value === value);
    const plan = key?.plans.find(({ stages }) => stages.includes(stage));
    if (key === undefined || plan === undefined) {
      return 'INVALID_API_KEY';
    }
    if (!this.throttles.take(`${plan.id} ${key.id}`, plan.throttle)) {
      return 'THROTTLED';
    }
    return this.withinQuota(key, plan) ? key : 'QUOTA_EXCEEDED';
  }

  private withinQuota({ id }: ApiKeyConfig, { id: planId, quota }: UsagePlan): boolean {
    if (quota === undefined) {
      return true;
    }
    const period = periodOf(quota.period, this.clock.now());
    const name = `${planId} ${id}`;
    const known = this.used.get(name);
    const count = known?.period === period ? known.count : 0;
    this.used.set(name, { period, count: Math.min(count + 1, quota.limit) });
    return count < quota.limit;
  }
}

/** A number that changes with each period, in UTC; weeks begin on Sundays. */
function periodOf(period: 'DAY' | 'WEEK' | 'MONTH', now: number): number {
  const days = Math.floor(now / DAY_MS);
  const date = new Date(now);
  if (period === 'MONTH') return date.getUTCFullYear() * 12 + date.getUTCMonth();
  return period === 'DAY' ? days : Math.floor((days + 4) / 7);
}
