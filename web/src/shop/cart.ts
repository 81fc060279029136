import { computed, effect, signal } from '@preact/signals';

export interface Book {
  readonly id: string;
  readonly title: string;
  readonly author: string;
  /** In whole units of the shop's currency. */
  readonly price: number;
  readonly description?: string;
}

export interface CartLine {
  readonly book: Book;
  readonly quantity: number;
}

const STORED = 'cart';
const MOST_OF_ONE = 99;
const SHIPPING = 10;
const FREE_SHIPPING_FROM = 2000;

/** What is in the cart; it outlives the page. */
export const lines = signal<readonly CartLine[]>(stored());

effect(() => localStorage.setItem(STORED, JSON.stringify(lines.value)));

export const books = computed(() => lines.value.reduce((sum, { quantity }) => sum + quantity, 0));
export const subtotal = computed(() =>
  lines.value.reduce((sum, { book, quantity }) => sum + book.price * quantity, 0),
);
export const shipping = computed(() =>
  lines.value.length === 0 || subtotal.value >= FREE_SHIPPING_FROM ? 0 : SHIPPING,
);
export const total = computed(() => subtotal.value + shipping.value);

export function add(book: Book): void {
  const there = lines.value.find((line) => line.book.id === book.id);
  setQuantity(book, (there?.quantity ?? 0) + 1);
}

/** 0 takes the book out. */
export function setQuantity(book: Book, wanted: number): void {
  const quantity = Math.max(0, Math.min(MOST_OF_ONE, Math.trunc(wanted) || 0));
  const isThere = lines.value.some((line) => line.book.id === book.id);
  const all = isThere ? lines.value : [...lines.value, { book, quantity }];
  lines.value = all
    .map((line) => (line.book.id === book.id ? { book, quantity } : line))
    .filter((line) => line.quantity > 0);
}

/** What the shop says a book costs. */
export interface PricedLine {
  readonly id: string;
  readonly price: number;
}

/** Takes over the shop's prices. */
export function setPrices(priced: readonly PricedLine[]): void {
  const prices = new Map(priced.map(({ id, price }) => [id, price]));
  lines.value = lines.value.map(({ book, quantity }) => ({
    book: { ...book, price: prices.get(book.id) ?? book.price },
    quantity,
  }));
}

export function empty(): void {
  lines.value = [];
}

/** What an earlier version of the page left may not be a cart. */
function stored(): CartLine[] {
  try {
    const found = JSON.parse(localStorage.getItem(STORED) ?? '[]') as CartLine[];
    return found.filter(({ book, quantity }) => typeof book.id === 'string' && Number.isInteger(quantity));
  } catch {
    return [];
  }
}
