import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { call, messageOf } from '../shared/api';
import type { Page } from '../shared/api';
import { amount } from '../shared/format';
import { Alert, Empty, Layout } from '../shared/layout';
import { Toast } from '../shared/toast';
import { add } from './cart';
import type { Book } from './cart';
import { Cover } from './cover';
import { ShopNav } from './nav';

/** The books there are. */
export function Catalogue() {
  const found = useSignal<Page<Book> | undefined>(undefined);
  const problem = useSignal('');
  const told = useSignal('');
  const load = async (cursor?: string | null) => {
    try {
      const query = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
      const page = await call<Page<Book>>('GET', `/books?limit=24${query}`);
      const before = cursor ? (found.value?.items ?? []) : [];
      found.value = { ...page, items: [...before, ...page.items] };
      problem.value = '';
    } catch (error) {
      problem.value = messageOf(error);
    }
  };
  useEffect(() => void load(), []);
  const put = (book: Book) => {
    add(book);
    told.value = `${book.title} is in the cart.`;
  };
  return (
    <Layout title="Books" nav={<ShopNav here="books" />}>
      {problem.value !== '' && (
        <Alert>
          {problem.value} <button onClick={() => void load()}>Try again</button>
        </Alert>
      )}
      <ul class="cards" aria-busy={found.value === undefined}>
        {found.value?.items.map((book) => (
          <li key={book.id}>
            <Cover book={book} />
            <div class="about">
              <h2>{book.title}</h2>
              <p class="by">{book.author}</p>
              {book.description !== undefined && <p class="blurb">{book.description}</p>}
              <p class="buy">
                <strong class="price">{amount(book.price)}</strong>
                <button onClick={() => put(book)} aria-label={`Add to cart: ${book.title}`}>
                  Add to cart
                </button>
              </p>
            </div>
          </li>
        ))}
      </ul>
      {found.value?.items.length === 0 && <Empty>There are no books yet.</Empty>}
      {found.value?.nextCursor && (
        <p class="more">
          <button onClick={() => void load(found.value?.nextCursor)}>More books</button>
        </p>
      )}
      <Toast text={told}>
        <a href="/shop/cart">View the cart</a>
      </Toast>
    </Layout>
  );
}
