import { useSignal } from '@preact/signals';
import { Dialog } from '../shared/dialog';
import { Alert } from '../shared/layout';
import type { Book } from '../shop/cart';

export type BookContent = Omit<Book, 'id'>;

export interface BookDialogProps {
  /** Absent: a new one. */
  readonly book?: Book;
  /** Answers what is wrong with it; nothing if it is saved. */
  readonly onSave: (book: BookContent) => Promise<string | undefined>;
  readonly onClose: () => void;
}

/** Asks for what the catalogue says of a book. */
export function BookDialog({ book, onSave, onClose }: BookDialogProps) {
  const problem = useSignal('');
  const submit = async (event: SubmitEvent, close: () => void) => {
    event.preventDefault();
    const wrong = await onSave(contentOf(new FormData(event.currentTarget as HTMLFormElement)));
    if (wrong === undefined) close();
    else problem.value = wrong;
  };
  return (
    <Dialog title={book === undefined ? 'A new book' : `Change ${book.title}`} onClose={onClose}>
      {(close) => (
        <form onSubmit={(event) => void submit(event, close)}>
          {problem.value !== '' && <Alert>{problem.value}</Alert>}
          <label>
            Title
            <input name="title" required maxLength={200} defaultValue={book?.title} />
          </label>
          <label>
            Author
            <input name="author" required maxLength={200} defaultValue={book?.author} />
          </label>
          <label>
            Price
            <input
              name="price"
              type="number"
              required
              min={0}
              max={1_000_000}
              defaultValue={String(book?.price ?? '')}
            />
          </label>
          <label>
            Description
            <textarea name="description" rows={3} maxLength={1000} defaultValue={book?.description} />
          </label>
          <p class="actions">
            <button type="button" onClick={close}>
              Cancel
            </button>
            <button class="primary">Save</button>
          </p>
        </form>
      )}
    </Dialog>
  );
}

function contentOf(form: FormData): BookContent {
  const text = (name: string) => ((form.get(name) as string | null) ?? '').trim();
  const description = text('description');
  return {
    title: text('title'),
    author: text('author'),
    price: Number(text('price')),
    ...(description !== '' && { description }),
  };
}
