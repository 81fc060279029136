import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { call, messageOf } from '../shared/api';
import type { Page } from '../shared/api';
import { useFocusHandedOn } from '../shared/focus';
import { amount, count } from '../shared/format';
import { Alert, Empty, Layout } from '../shared/layout';
import { Toast } from '../shared/toast';
import type { Book } from '../shop/cart';
import { BookDialog } from './book-dialog';
import type { BookContent } from './book-dialog';
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
  const books = useSignal<readonly Book[] | undefined>(undefined);
  const news = useSignal('');
  /** Answers what went wrong. */
  const doing = async (work: () => Promise<unknown>, done: string): Promise<string | undefined> => {
    try {
      await work();
      books.value = await allBooks();
      news.value = done;
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  };
  return { books, news, doing };
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

/** What is asked for at the moment. */
type Asked =
  { readonly kind: 'new' } | { readonly kind: 'change' | 'remove'; readonly book: Book } | undefined;

/** The catalogue, to be changed. */
function Books() {
  const { books, news, doing } = useCatalogue();
  const problem = useSignal('');
  const asked = useSignal<Asked>(undefined);
  const close = () => (asked.value = undefined);
  const told = async (work: () => Promise<unknown>, done: string) => {
    problem.value = (await doing(work, done)) ?? '';
  };
  useEffect(() => void told(() => Promise.resolve(), ''), []);
  const add = (book: BookContent) =>
    doing(() => callSigned('POST', '/books', { body: book }), `${book.title} is in the catalogue.`);
  const change = (before: Book) => (book: BookContent) =>
    doing(() => callSigned('PUT', pathOf(before), { body: book }), `${book.title} is changed.`);
  const remove = (book: Book) => told(() => callSigned('DELETE', pathOf(book)), `${book.title} is removed.`);
  const { value: now } = asked;
  return (
    <Layout title="Catalogue" nav={<AdminNav here="books" />}>
      {problem.value !== '' && <Alert>{problem.value}</Alert>}
      <p class="tools">
        <button class="primary" onClick={() => (asked.value = { kind: 'new' })}>
          New book
        </button>
      </p>
      {books.value?.length === 0 && <Empty>There are no books yet.</Empty>}
      {(books.value?.length ?? 0) > 0 && (
        <BooksTable books={books.value ?? []} onAsk={(wanted) => (asked.value = wanted)} />
      )}
      {now?.kind === 'new' && <BookDialog onSave={add} onClose={close} />}
      {now?.kind === 'change' && <BookDialog book={now.book} onSave={change(now.book)} onClose={close} />}
      {now?.kind === 'remove' && (
        <ConfirmDialog
          title="Remove this book?"
          confirm="Remove"
          onConfirm={() => void remove(now.book)}
          onClose={close}
        >
          {now.book.title} can then no longer be ordered. Orders that have it keep it.
        </ConfirmDialog>
      )}
      <Toast text={news} />
    </Layout>
  );
}

function pathOf({ id }: Book): string {
  return `/books/${encodeURIComponent(id)}`;
}

interface BooksTableProps {
  readonly books: readonly Book[];
  readonly onAsk: (asked: Asked) => void;
}

function BooksTable({ books, onAsk }: BooksTableProps) {
  return (
    <div class="sheet">
      <table class="stacked">
        <caption>{count(books.length, 'book')}, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Title</th>
            <th scope="col">Author</th>
            <th scope="col" class="figure">
              Price
            </th>
            <th scope="col">Actions</th>
          </tr>
        </thead>
        <tbody>
          {books.map((book) => (
            <tr key={book.id} tabIndex={-1}>
              <th scope="row">{book.title}</th>
              <td data-label="Author">{book.author}</td>
              <td data-label="Price" class="figure">
                {amount(book.price)}
              </td>
              <td>
                <BookActions book={book} onAsk={onAsk} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function BookActions({ book, onAsk }: { readonly book: Book } & Pick<BooksTableProps, 'onAsk'>) {
  const actions = useRef<HTMLSpanElement>(null);
  useFocusHandedOn(actions);
  return (
    <span class="actions" ref={actions}>
      <button onClick={() => onAsk({ kind: 'change', book })} aria-label={`Change ${book.title}`}>
        Change
      </button>
      <button
        class="quiet"
        onClick={() => onAsk({ kind: 'remove', book })}
        aria-label={`Remove ${book.title}`}
      >
        Remove
      </button>
    </span>
  );
}
