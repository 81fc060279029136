import type { MessagingEvents, ResourceEvent } from '../events';

type Name = 'resource.created' | 'resource.deleted';

/**
 * Tells what a look found, unless it has been told already: who creates or deletes through this library is told at once, and must
 * not be told again when a look finds it.
 */
export class Told {
  /** Told by others, and not yet found by a look. */
  private readonly waiting = new Set<string>();
  private speaking = false;
  private readonly created = (event: ResourceEvent): void => this.hear('resource.created', event);
  private readonly deleted = (event: ResourceEvent): void => this.hear('resource.deleted', event);

  constructor(private readonly events: MessagingEvents) {
    events.on('resource.created', this.created);
    events.on('resource.deleted', this.deleted);
  }

  tell(name: Name, event: ResourceEvent): void {
    if (this.waiting.delete(key(name, event))) return;
    this.speaking = true;
    try {
      this.events.emit(name, event);
    } finally {
      this.speaking = false;
    }
  }

  close(): void {
    this.events.off('resource.created', this.created);
    this.events.off('resource.deleted', this.deleted);
  }

  private hear(name: Name, event: ResourceEvent): void {
    if (this.speaking) return;
    // Created and deleted again between two looks: there is nothing to find.
    if (name === 'resource.deleted' && this.waiting.delete(key('resource.created', event))) return;
    this.waiting.add(key(name, event));
  }
}

function key(name: Name, { type, arn }: ResourceEvent): string {
  return `${name} ${type} ${arn}`;
}
