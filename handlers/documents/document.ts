/** What became of an object: its text was read, or why not; or it is gone again. */
export type DocumentStatus = 'taken-in' | 'unsupported' | 'too-large' | 'unreadable' | 'removed';

/** An object that came in, as the table and the API show it. */
export interface Document {
  /** The object's key in the bucket. */
  readonly key: string;
  readonly status: DocumentStatus;
  /** When the object was written: ISO 8601 in UTC with milliseconds. Absent where only its removal was seen. */
  readonly takenInAt?: string;
  /** When it was removed: ISO 8601 in UTC with milliseconds. */
  readonly removedAt?: string;
  readonly contentType?: string;
  readonly bytes?: number;
  readonly title?: string;
  readonly words?: number;
  readonly lines?: number;
  /** Of its bytes, hexadecimal. */
  readonly sha256?: string;
  /** Its beginning on one line, up to 200 characters. */
  readonly excerpt?: string;
}
