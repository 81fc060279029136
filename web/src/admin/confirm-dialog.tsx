import type { ComponentChildren } from 'preact';
import { Dialog } from '../shared/dialog';

export interface ConfirmDialogProps {
  readonly title: string;
  /** The word on the button that does it. */
  readonly confirm: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** Asks before something is done that cannot be undone. Escape and the first button leave everything as it is. */
export function ConfirmDialog({ title, confirm, onConfirm, onClose, children }: ConfirmDialogProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      {(close) => (
        <>
          <p>{children}</p>
          <p class="actions">
            <button onClick={close}>Keep it</button>
            <button
              class="danger"
              onClick={() => {
                onConfirm();
                close();
              }}
            >
              {confirm}
            </button>
          </p>
        </>
      )}
    </Dialog>
  );
}
