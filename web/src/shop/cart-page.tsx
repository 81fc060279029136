import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { ApiProblem, messageOf } from '../shared/api';
import { useFocusHandedOn } from '../shared/focus';
import { amount } from '../shared/format';
import { Alert, Empty, Layout } from '../shared/layout';
import { empty, lines, setPrices, setQuantity, shipping, subtotal, total } from './cart';
import type { CartLine, PricedLine } from './cart';
import { placeOrder } from './checkout';
import { ShopNav } from './nav';

/** What is in the cart, what it costs, and the way to order it. */
export function CartPage() {
  const { route } = useLocation();
  const problem = useSignal('');
  const isSending = useSignal(false);
  const checkout = async () => {
    isSending.value = true;
    problem.value = '';
    try {
      const orderId = await placeOrder(lines.value, total.value);
      empty();
      route(`/shop/orders/${orderId}`);
    } catch (error) {
      problem.value = explained(error);
    } finally {
      isSending.value = false;
    }
  };
  if (lines.value.length === 0) {
    return (
      <Layout title="Cart" nav={<ShopNav here="cart" />}>
        <Empty>
          <p>The cart is empty.</p>
          <a class="button" href="/shop">
            Choose a book
          </a>
        </Empty>
      </Layout>
    );
  }
  return (
    <Layout title="Cart" nav={<ShopNav here="cart" />}>
      {problem.value !== '' && <Alert>{problem.value}</Alert>}
      <CartTable />
      <p class="buy">
        <a href="/shop">More books</a>
        <button class="primary" disabled={isSending.value} onClick={() => void checkout()}>
          {isSending.value ? 'Ordering ...' : 'Checkout'}
        </button>
      </p>
    </Layout>
  );
}

function CartTable() {
  return (
    <div class="sheet">
      <table class="stacked">
        <caption class="visually-hidden">Books in the cart</caption>
        <thead>
          <tr>
            <th scope="col">Book</th>
            <th scope="col" class="figure">
              Price
            </th>
            <th scope="col">Quantity</th>
            <th scope="col" class="figure">
              Amount
            </th>
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.value.map((line) => (
            <Line key={line.book.id} line={line} />
          ))}
        </tbody>
        <tfoot>
          <Sum name="Books" value={amount(subtotal.value)} />
          <Sum name="Shipping" value={shipping.value === 0 ? 'free' : amount(shipping.value)} />
          <Sum name="Total" value={amount(total.value)} />
        </tfoot>
      </table>
    </div>
  );
}

function Line({ line: { book, quantity } }: { readonly line: CartLine }) {
  const remove = useRef<HTMLButtonElement>(null);
  useFocusHandedOn(remove);
  const change = (event: Event) => {
    const field = event.currentTarget as HTMLInputElement;
    setQuantity(book, field.valueAsNumber || 1);
    field.value = String(Math.max(1, Math.min(99, Math.trunc(field.valueAsNumber) || 1)));
  };
  return (
    <tr tabIndex={-1}>
      <th scope="row">
        {book.title} <small>{book.author}</small>
      </th>
      <td data-label="Price" class="figure">
        {amount(book.price)}
      </td>
      <td data-label="Quantity">
        <input
          type="number"
          min={1}
          max={99}
          value={quantity}
          onChange={change}
          aria-label={`Quantity of ${book.title}`}
        />
      </td>
      <td data-label="Amount" class="figure">
        {amount(book.price * quantity)}
      </td>
      <td>
        <button
          ref={remove}
          class="quiet"
          onClick={() => setQuantity(book, 0)}
          aria-label={`Remove ${book.title}`}
        >
          Remove
        </button>
      </td>
    </tr>
  );
}

function Sum({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <tr>
      <th scope="row" colSpan={3}>
        {name}
      </th>
      <td class="figure">{value}</td>
      <td />
    </tr>
  );
}

/** A price that changed meanwhile is taken over into the cart: the shop's own decides, and the shopper agrees to it or not. */
function explained(error: unknown): string {
  const { lines: priced } = (error instanceof ApiProblem ? error.body : {}) as { lines?: PricedLine[] };
  if (!(error instanceof ApiProblem) || error.status !== 422 || priced === undefined) return messageOf(error);
  setPrices(priced);
  return 'Prices have changed. This is what it costs now: order again if you agree.';
}
