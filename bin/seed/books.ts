import type { Book } from '../../handlers/books/book';

/** Novels that are out of copyright, in the order in which the catalogue shows them. Their ids stay: carts refer to them. */
export const BOOKS: readonly Book[] = [
  {
    id: 'pride-and-prejudice',
    title: 'Pride and Prejudice',
    author: 'Jane Austen',
    price: 299,
    description: 'Elizabeth Bennet, Mr Darcy, and what each of them has to unlearn about the other.',
  },
  {
    id: 'middlemarch',
    title: 'Middlemarch',
    author: 'George Eliot',
    price: 549,
    description: 'A country town, two unwise marriages, and the quiet good that unknown people do.',
  },
  {
    id: 'moby-dick',
    title: 'Moby-Dick; or, The Whale',
    author: 'Herman Melville',
    price: 475,
    description: 'A captain, a white whale, and everything one ever wanted to know about whaling.',
  },
  {
    id: 'frankenstein',
    title: 'Frankenstein',
    author: 'Mary Shelley',
    price: 249,
    description: 'A student makes a man, and runs away from him.',
  },
  {
    id: 'the-count-of-monte-cristo',
    title: 'The Count of Monte Cristo',
    author: 'Alexandre Dumas',
    price: 699,
    description: 'Fourteen years in a dungeon, a treasure, and a revenge that takes its time.',
  },
  {
    id: 'jane-eyre',
    title: 'Jane Eyre',
    author: 'Charlotte Brontë',
    price: 325,
    description: 'A governess with a mind of her own, and a house with a locked third floor.',
  },
  {
    id: 'crime-and-punishment',
    title: 'Crime and Punishment',
    author: 'Fyodor Dostoevsky',
    price: 399,
    description: 'A murder on principle, and an investigator with all the time in the world.',
  },
  {
    id: 'around-the-world-in-eighty-days',
    title: 'Around the World in Eighty Days',
    author: 'Jules Verne',
    price: 225,
    description: 'A wager, a timetable, and a detective who is always one train behind.',
  },
  {
    id: 'the-adventures-of-sherlock-holmes',
    title: 'The Adventures of Sherlock Holmes',
    author: 'Arthur Conan Doyle',
    price: 350,
    description: 'Twelve cases from Baker Street, the speckled band among them.',
  },
  {
    id: 'treasure-island',
    title: 'Treasure Island',
    author: 'Robert Louis Stevenson',
    price: 199,
    description: 'A map, a parrot, and a cook whom everybody likes.',
  },
  {
    id: 'gitanjali',
    title: 'Gitanjali',
    author: 'Rabindranath Tagore',
    price: 180,
    description: 'A hundred and three song offerings, in the poet’s own English.',
  },
  {
    id: 'the-time-machine',
    title: 'The Time Machine',
    author: 'H. G. Wells',
    price: 210,
    description: 'To the year 802,701 and back, in time for dinner.',
  },
];
