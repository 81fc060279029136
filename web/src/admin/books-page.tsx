import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { call, messageOf } from '../shared/api';
import type { Page } from '../shared/api';
import { amount } from '../shared/format';
import { Alert, Layout } from '../shared/layout';
import type { Book } from '../shop/cart';
import { ConfirmDialog } from './confirm-dialog';
import { AdminNav, Gate } from './gate';
import { callSigned } from './session';

export function BooksPage() {
  return (
    <Gate>
      <Books />
    </Gate>
  );
}

/** The catalogue as it is now, and what was done to it last. */
function useCatalogue() {
  const books = useSignal<readonly Book[]>([]);
  const problem = useSignal('');
  const news = useSignal('');
  /** Answers whether it worked. */
  const doing = async (work: () => Promise<unknown>, done: string): Promise<boolean> => {
    try {
      await work();
      books.value = await allBooks();
      problem.value = '';
      news.value = done;
      return true;
    } catch (error) {
      problem.value = messageOf(error);
      return false;
    }
  };
  useEffect(() => void doing(() => Promise.resolve(), ''), []);
  return { books, problem, news, doing };
}

async function allBooks(): Promise<Book[]> {
  const all: Book[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: Page<Book> = await call<Page<Book>>('GET', `/books?limit=100${query}`);
    all.push(...page.items);
    cursor = page.nextCursor;
  }
  return all;
}

/** The catalogue, to be changed. */
function Books() {
  const { books, problem, news, doing } = useCatalogue();
  const editing = useSignal<Book | undefined>(undefined);
  const toRemove = useSignal<Book | undefined>(undefined);
  const save = async (book: Omit<Book, 'id'>) => {
    const { value: before } = editing;
    const work = () =>
      before === undefined
        ? callSigned('POST', '/books', { body: book })
        : callSigned('PUT', pathOf(before), { body: book });
    const saved = await doing(work, `${book.title} is saved.`);
    if (saved) editing.value = undefined;
    return saved;
  };
  const remove = (book: Book) => doing(() => callSigned('DELETE', pathOf(book)), `${book.title} is removed.`);
  return (
    <Layout title="Books" nav={<AdminNav here="books" />}>
      {problem.value !== '' && <Alert>{problem.value}</Alert>}
      <p role="status" class="news">
        {news.value}
      </p>
      <BookForm key={editing.value?.id ?? 'new'} editing={editing} onSave={save} />
      <BooksTable books={books.value} editing={editing} toRemove={toRemove} />
      {toRemove.value !== undefined && (
        <ConfirmDialog
          title="Remove this book?"
          confirm="Remove"
          onConfirm={() => void remove(toRemove.value!)}
          onClose={() => (toRemove.value = undefined)}
        >
          {toRemove.value.title} can then no longer be ordered. Orders that have it keep it.
        </ConfirmDialog>
      )}
    </Layout>
  );
}

function pathOf({ id }: Book): string {
  return `/books/${encodeURIComponent(id)}`;
}

interface BookFormProps {
  readonly editing: Signal<Book | undefined>;
  /** Answers whether it is saved. */
  readonly onSave: (book: Omit<Book, 'id'>) => Promise<boolean>;
}

function BookForm({ editing, onSave }: BookFormProps) {
  const { value: book } = editing;
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const given = new FormData(form);
    const text = (name: string) => ((given.get(name) as string | null) ?? '').trim();
    const description = text('description');
    const saved = await onSave({
      title: text('title'),
      author: text('author'),
      price: Number(text('price')),
      ...(description !== '' && { description }),
    });
    if (saved) form.reset();
  };
  return (
    <form onSubmit={(event) => void submit(event)} aria-labelledby="book-form">
      <h2 id="book-form">{book === undefined ? 'A new book' : `Change ${book.title}`}</h2>
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
        <textarea name="description" maxLength={1000} defaultValue={book?.description} />
      </label>
      <p class="actions">
        <button class="primary">Save</button>
        {book !== undefined && (
          <button type="button" onClick={() => (editing.value = undefined)}>
            Leave it
          </button>
        )}
      </p>
    </form>
  );
}

interface BooksTableProps {
  readonly books: readonly Book[];
  readonly editing: Signal<Book | undefined>;
  readonly toRemove: Signal<Book | undefined>;
}

function BooksTable({ books, editing, toRemove }: BooksTableProps) {
  return (
    <table class="stacked">
      <caption>The catalogue</caption>
      <thead>
        <tr>
          <th scope="col">Title</th>
          <th scope="col">Author</th>
          <th scope="col">Price</th>
          <th scope="col">Actions</th>
        </tr>
      </thead>
      <tbody>
        {books.map((book) => (
          <tr key={book.id}>
            <th scope="row">{book.title}</th>
            <td data-label="Author">{book.author}</td>
            <td data-label="Price">{amount(book.price)}</td>
            <td>
              <span class="actions">
                <button onClick={() => (editing.value = book)} aria-label={`Change ${book.title}`}>
                  Change
                </button>
                <button onClick={() => (toRemove.value = book)} aria-label={`Remove ${book.title}`}>
                  Remove
                </button>
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
