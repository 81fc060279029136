/** Runs `work` on each item, `width` at a time, in their order. The first error ends it, when what runs has ended. */
export async function each<T>(
  items: Iterable<T>,
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  let failed = false;
  const worker = async () => {
    for (let next = iterator.next(); !next.done && !failed; next = iterator.next()) {
      try {
        await work(next.value);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const results = await Promise.allSettled(Array.from({ length: width }, worker));
  const error = results.find((result) => result.status === 'rejected');
  if (error !== undefined) throw error.reason;
}
