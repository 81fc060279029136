export type OrderStatus = 'pending' | 'processed';

export interface OrderLine {
  readonly id: string;
  readonly name: string;
  readonly qty: number;
  readonly price: number;
  readonly amount: number;
}

/** An order, as the API gives it. Amounts are whole units of the shop's currency, moments ISO 8601. */
export interface Order {
  readonly id: string;
  readonly status: OrderStatus;
  readonly lines: readonly OrderLine[];
  readonly subtotal: number;
  readonly shipping: number;
  readonly total: number;
  readonly createdAt: string;
  readonly processedAt?: string;
}
