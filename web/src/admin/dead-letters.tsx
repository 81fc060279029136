import { useSignal } from '@preact/signals';
import { count } from '../shared/format';
import { usePoll } from '../shared/poll';
import { callSigned } from './session';

const POLL_MS = 15_000;

interface DeadLetterQueue {
  readonly queue: string;
  readonly messages: number;
}

/** What could not be recorded, told as long as there is any. */
export function DeadLetters() {
  const queues = useSignal<readonly DeadLetterQueue[]>([]);
  usePoll(
    async (signal) => {
      try {
        const path = '/books/order/dead-letters';
        queues.value = (await callSigned<{ items: DeadLetterQueue[] }>('GET', path, { signal })).items;
      } catch {
        // The list of orders, loaded more often, tells what is wrong.
      }
      return false;
    },
    POLL_MS,
    [],
  );
  const waiting = queues.value.filter(({ messages }) => messages > 0);
  if (waiting.length === 0) return null;
  return (
    <section class="alert" aria-label="Dead letters">
      <ul>
        {waiting.map(({ queue, messages }) => (
          <li key={queue}>
            {count(messages, 'dead letter')} in {queue}
          </li>
        ))}
      </ul>
    </section>
  );
}
