import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';

const SHOWN_MS = 6000;

export interface ToastProps {
  /** Empty: nothing to tell. It is emptied after a while. */
  readonly text: Signal<string>;
  /** What can be done about it. */
  readonly children?: ComponentChildren;
}

/** What has just happened, for a moment; it can be seen elsewhere on the page, too. */
export function Toast({ text, children }: ToastProps) {
  useEffect(() => {
    if (text.value === '') return;
    const timer = setTimeout(() => (text.value = ''), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [text.value]);
  return (
    <div class="toast" role="status">
      {text.value !== '' && (
        <p>
          {text.value} {children}
        </p>
      )}
    </div>
  );
}
