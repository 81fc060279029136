import { useSignal } from '@preact/signals';
import { useRoute } from 'preact-iso';
import { ApiProblem, call, messageOf } from '../shared/api';
import { amount, moment } from '../shared/format';
import { Alert, Layout } from '../shared/layout';
import type { Order } from '../shared/order';
import { usePoll } from '../shared/poll';
import { ShopNav } from './nav';

const POLL_MS = 1500;
/** An order that was accepted is in the table within moments; one that is not there after this long was deleted or never was. */
const PATIENCE_MS = 20_000;

/** What has become of an order; it is its shopper's because its id cannot be guessed. */
export function OrderPage() {
  const { id = '' } = useRoute().params;
  const order = useSignal<Order | undefined>(undefined);
  const problem = useSignal('');
  const since = Date.now();
  usePoll(
    async (signal) => {
      try {
        order.value = await call<Order>('GET', `/books/order/${encodeURIComponent(id)}`, { signal });
        problem.value = '';
      } catch (error) {
        if (signal.aborted) return true;
        const isNew = error instanceof ApiProblem && error.status === 404 && order.value === undefined;
        problem.value = isNew && Date.now() - since < PATIENCE_MS ? '' : wordsOf(error);
      }
      return order.value?.status === 'processed';
    },
    POLL_MS,
    [id],
  );
  return (
    <Layout title="Your order" nav={<ShopNav here="order" />}>
      {problem.value !== '' && <Alert>{problem.value}</Alert>}
      <div class="state">
        <Steps order={order.value} />
        <p role="status">{statusOf(order.value)}</p>
      </div>
      {order.value !== undefined && <Receipt order={order.value} />}
      <p class="note">
        Keep the address of this page: it is the only way back to the order. <a href="/shop">More books</a>
      </p>
    </Layout>
  );
}

function wordsOf(error: unknown): string {
  const isGone = error instanceof ApiProblem && error.status === 404;
  return isGone ? 'There is no such order, or not any more.' : messageOf(error);
}

function statusOf(order: Order | undefined): string {
  if (order === undefined) return 'The order is on its way to us.';
  if (order.status === 'pending') return 'We have your order, and will process it soon.';
  return `Processed on ${moment(order.processedAt ?? order.createdAt)}.`;
}

/** How far it has come, for who sees it; the text beside it says the same. */
function Steps({ order }: { readonly order: Order | undefined }) {
  const reached = order === undefined ? 0 : order.status === 'pending' ? 1 : 2;
  return (
    <ol class="steps" aria-hidden="true">
      {['Sent', 'Received', 'Processed'].map((step, index) => (
        <li key={step} class={index <= reached ? 'done' : undefined}>
          {step}
        </li>
      ))}
    </ol>
  );
}

function Receipt({ order }: { readonly order: Order }) {
  return (
    <div class="sheet">
      <table class="stacked">
        <caption>
          Order {order.id}, {moment(order.createdAt)}
        </caption>
        <thead>
          <tr>
            <th scope="col">Book</th>
            <th scope="col" class="figure">
              Price
            </th>
            <th scope="col" class="figure">
              Quantity
            </th>
            <th scope="col" class="figure">
              Amount
            </th>
          </tr>
        </thead>
        <tbody>
          {order.lines.map((line) => (
            <tr key={line.id}>
              <th scope="row">{line.name}</th>
              <td data-label="Price" class="figure">
                {amount(line.price)}
              </td>
              <td data-label="Quantity" class="figure">
                {line.qty}
              </td>
              <td data-label="Amount" class="figure">
                {amount(line.amount)}
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colSpan={3}>
              Shipping
            </th>
            <td class="figure">{order.shipping === 0 ? 'free' : amount(order.shipping)}</td>
          </tr>
          <tr>
            <th scope="row" colSpan={3}>
              Total
            </th>
            <td class="figure">{amount(order.total)}</td>
          </tr>
        </tfoot>
      </table>
    </div>
  );
}
