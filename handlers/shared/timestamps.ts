/** `2026-01-01T00:00:00.000Z` as MySQL writes it. DATETIME has no zone, so no session setting can shift it. */
export function toDateTime(isoTime: string): string {
  return isoTime.replace('T', ' ').replace('Z', '');
}

export function fromDateTime(dateTime: string): string {
  return `${dateTime.replace(' ', 'T')}Z`;
}
