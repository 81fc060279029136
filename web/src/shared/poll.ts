import { useEffect } from 'preact/hooks';

/**
 * Calls `work` now and again `milliseconds` after each call has ended, as long as the page is looked at. `work` answers whether
 * that was enough, and deals with its own errors.
 */
export function usePoll(
  work: (signal: AbortSignal) => Promise<boolean>,
  milliseconds: number,
  inputs: readonly unknown[],
): void {
  useEffect(() => {
    const ending = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const run = async (): Promise<void> => {
      if (document.visibilityState === 'visible' && (await work(ending.signal))) return;
      if (!ending.signal.aborted) timer = setTimeout(() => void run(), milliseconds);
    };
    void run();
    return () => {
      ending.abort();
      clearTimeout(timer);
    };
    // The inputs say when another work begins.
  }, inputs);
}
