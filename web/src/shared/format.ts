const money = new Intl.NumberFormat('en', { minimumFractionDigits: 0 });
const moments = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

/** An amount in whole units of the shop's currency. */
export function amount(units: number): string {
  return `₹${money.format(units)}`;
}

/** A moment of the API (ISO 8601), in the reader's own time. */
export function moment(iso: string): string {
  return moments.format(new Date(iso));
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${money.format(number)} ${number === 1 ? one : many}`;
}
