import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';

/**
 * Hands the focus on when what has it goes away: to the next row of the table, the one before, or the page's heading. It goes to
 * the row and not to its button, so that a key pressed twice does not reach another row.
 */
export function useFocusHandedOn(inner: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const { current: element } = inner;
    const row = element?.closest('tr');
    return () => {
      if (element?.contains(document.activeElement) !== true) return;
      const next = row?.nextElementSibling ?? row?.previousElementSibling ?? document.querySelector('h1');
      (next as HTMLElement | null)?.focus();
    };
  }, []);
}
