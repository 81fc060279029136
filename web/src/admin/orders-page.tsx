import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { amount, count, moment } from '../shared/format';
import { Alert, Layout } from '../shared/layout';
import type { Order } from '../shared/order';
import { usePoll } from '../shared/poll';
import { ConfirmDialog } from './confirm-dialog';
import { DeadLetters } from './dead-letters';
import { AdminNav, Gate } from './gate';
import * as orders from './orders';

const POLL_MS = 2000;
const FILTERS: readonly (readonly [orders.Filter, string])[] = [
  ['pending', 'Pending'],
  ['processed', 'Processed'],
  ['all', 'All'],
];

export function OrdersPage() {
  return (
    <Gate>
      <Orders />
    </Gate>
  );
}

/** The orders, as they arrive, with what can be done with them. */
function Orders() {
  const toDelete = useSignal<Order | undefined>(undefined);
  usePoll((signal) => orders.refresh(signal).then(() => false), POLL_MS, [orders.filter.value]);
  return (
    <Layout title="Orders" nav={<AdminNav here="orders" />}>
      {orders.problem.value !== '' && <Alert>{orders.problem.value}</Alert>}
      <p role="status" class="news">
        {orders.news.value}
      </p>
      <DeadLetters />
      <Filters />
      <OrdersTable onDelete={(order) => (toDelete.value = order)} />
      {orders.nextCursor.value !== null && (
        <button onClick={() => void orders.loadMore()}>Older orders</button>
      )}
      {toDelete.value !== undefined && (
        <ConfirmDialog
          title="Delete this order?"
          confirm="Delete"
          onConfirm={() => void orders.remove(toDelete.value!)}
          onClose={() => (toDelete.value = undefined)}
        >
          Order {toDelete.value.id.slice(0, 8)} of {amount(toDelete.value.total)} will be gone for good.
        </ConfirmDialog>
      )}
    </Layout>
  );
}

function Filters() {
  useEffect(() => {
    const focusSearch = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      document.getElementById('search')?.focus();
    };
    document.addEventListener('keydown', focusSearch);
    return () => document.removeEventListener('keydown', focusSearch);
  }, []);
  return (
    <div class="filters">
      <fieldset>
        <legend>Status</legend>
        {FILTERS.map(([value, label]) => (
          <label key={value}>
            <input
              type="radio"
              name="status"
              value={value}
              checked={orders.filter.value === value}
              onChange={() => orders.show(value)}
            />
            {label}
          </label>
        ))}
      </fieldset>
      <label>
        Search by id or book
        <input
          id="search"
          type="search"
          value={orders.search.value}
          onInput={(event) => (orders.search.value = event.currentTarget.value)}
        />
      </label>
    </div>
  );
}

function OrdersTable({ onDelete }: { readonly onDelete: (order: Order) => void }) {
  const { value: shown } = orders.shown;
  if (orders.isLoaded.value && shown.length === 0) return <p>No orders here.</p>;
  return (
    <table class="stacked" aria-busy={!orders.isLoaded.value}>
      <caption>{count(shown.length, 'order')}, newest first</caption>
      <thead>
        <tr>
          <th scope="col">No.</th>
          <th scope="col">Order</th>
          <th scope="col">Books</th>
          <th scope="col">Quantity</th>
          <th scope="col">Amount</th>
          <th scope="col">Status</th>
          <th scope="col">Actions</th>
        </tr>
      </thead>
      <tbody>
        {shown.map((order, index) => (
          <Row key={order.id} order={order} number={index + 1} onDelete={onDelete} />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  readonly order: Order;
  readonly number: number;
  readonly onDelete: (order: Order) => void;
}

function Row({ order, number, onDelete }: RowProps) {
  const short = order.id.slice(0, 8);
  return (
    <tr class={orders.arrived.value.has(order.id) ? 'new' : undefined} data-order={order.id}>
      <td data-label="No.">{number}</td>
      <th scope="row">
        <span title={order.id}>{short}</span> <small>{moment(order.createdAt)}</small>
      </th>
      <td data-label="Books">{order.lines.map(({ name }) => name).join(', ')}</td>
      <td data-label="Quantity">{order.lines.reduce((sum, { qty }) => sum + qty, 0)}</td>
      <td data-label="Amount">{amount(order.total)}</td>
      <td data-label="Status">
        <span class={`state-${order.status}`}>{order.status}</span>
      </td>
      <td>
        {order.status === 'pending' && (
          <span class="actions">
            <button onClick={() => void orders.handle(order)} aria-label={`Handle order ${short}`}>
              Handle
            </button>
            <button onClick={() => onDelete(order)} aria-label={`Delete order ${short}`}>
              Delete
            </button>
          </span>
        )}
      </td>
    </tr>
  );
}
