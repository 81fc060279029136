import type { Book } from './cart';

/** A cover for a book of which there is no picture: its title, on a colour that it always has. Decoration only. */
export function Cover({ book }: { readonly book: Book }) {
  return (
    <div class="cover" aria-hidden="true" style={{ '--hue': hueOf(book.id) }}>
      <span class="cover-title">{book.title}</span>
      <span class="cover-author">{book.author}</span>
    </div>
  );
}

function hueOf(id: string): string {
  let hash = 7;
  for (const character of id) hash = (hash * 31 + character.charCodeAt(0)) % 9973;
  return String((hash * 137) % 360);
}
