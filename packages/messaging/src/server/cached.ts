/** Asks no more often than allowed: who comes meanwhile, or soon after, gets the same answer. */
export class Cached<T> {
  private answer: { readonly value: Promise<T>; readonly until: number } | undefined;

  constructor(
    private readonly ask: () => Promise<T>,
    private readonly lifetimeMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get(): Promise<T> {
    if (this.answer !== undefined && this.now() < this.answer.until) return this.answer.value;
    const value = this.ask();
    // Until it is there it is as good as new.
    this.answer = { value, until: Infinity };
    const expire = (): void => {
      this.answer = { value, until: this.now() + this.lifetimeMs };
    };
    value.then(expire, expire);
    return value;
  }
}

/** Resolves to undefined where it takes longer. */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
