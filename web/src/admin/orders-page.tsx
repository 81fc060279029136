import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { useFocusHandedOn } from '../shared/focus';
import { amount, count, moment } from '../shared/format';
import { Alert, Empty, Layout } from '../shared/layout';
import type { Order } from '../shared/order';
import { usePoll } from '../shared/poll';
import { Toast } from '../shared/toast';
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
      <DeadLetters />
      <Filters />
      <OrdersTable onDelete={(order) => (toDelete.value = order)} />
      {orders.nextCursor.value !== null && (
        <p class="more">
          <button onClick={() => void orders.loadMore()}>Older orders</button>
        </p>
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
      <Toast text={orders.news} />
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
      <fieldset class="choice">
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
  if (orders.isLoaded.value && shown.length === 0) return <Empty>No orders here.</Empty>;
  return (
    <div class="sheet">
      <table class="stacked" aria-busy={!orders.isLoaded.value}>
        <caption>{count(shown.length, 'order')}, newest first</caption>
        <thead>
          <tr>
            <th scope="col">No.</th>
            <th scope="col">Order</th>
            <th scope="col">Books</th>
            <th scope="col" class="figure">
              Quantity
            </th>
            <th scope="col" class="figure">
              Amount
            </th>
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
    </div>
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
    <tr tabIndex={-1} class={orders.arrived.value.has(order.id) ? 'new' : undefined} data-order={order.id}>
      <td data-label="No.">{number}</td>
      <th scope="row">
        <span title={order.id}>{short}</span> <small>{moment(order.createdAt)}</small>
      </th>
      <td data-label="Books">{order.lines.map(({ name }) => name).join(', ')}</td>
      <td data-label="Quantity" class="figure">
        {order.lines.reduce((sum, { qty }) => sum + qty, 0)}
      </td>
      <td data-label="Amount" class="figure">
        {amount(order.total)}
      </td>
      <td data-label="Status">
        <span class={`status ${order.status}`}>{order.status}</span>
      </td>
      <td>{order.status === 'pending' && <RowActions order={order} short={short} onDelete={onDelete} />}</td>
    </tr>
  );
}

interface RowActionsProps extends Pick<RowProps, 'order' | 'onDelete'> {
  readonly short: string;
}

function RowActions({ order, short, onDelete }: RowActionsProps) {
  const actions = useRef<HTMLSpanElement>(null);
  useFocusHandedOn(actions);
  return (
    <span class="actions" ref={actions}>
      <button class="primary" onClick={() => void orders.handle(order)} aria-label={`Handle order ${short}`}>
        Handle
      </button>
      <button class="quiet" onClick={() => onDelete(order)} aria-label={`Delete order ${short}`}>
        Delete
      </button>
    </span>
  );
}
