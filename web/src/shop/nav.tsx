import { count } from '../shared/format';
import { books } from './cart';

/** Where one can go in the shop. */
export function ShopNav({ here }: { readonly here: 'books' | 'cart' | 'order' }) {
  return (
    <>
      <a href="/shop" aria-current={here === 'books' ? 'page' : undefined}>
        Books
      </a>
      <a href="/shop/cart" aria-current={here === 'cart' ? 'page' : undefined}>
        Cart
        {books.value > 0 && (
          <>
            {' '}
            <span class="badge" aria-hidden="true">
              {books.value}
            </span>
            <span class="visually-hidden">{count(books.value, 'book')}</span>
          </>
        )}
      </a>
    </>
  );
}
