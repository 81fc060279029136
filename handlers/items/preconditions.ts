import { HttpProblem } from '../shared/http';

/** The strong entity tag of a version. */
export function etagOf({ version }: { readonly version: number }): string {
  return `"${version}"`;
}

const ETAG = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/;

/** Whether a list of entity tags, or `*`, has that one. Weakly compared, `W/` makes no difference. */
function has(list: string, etag: string, comparison: 'strong' | 'weak'): boolean {
  if (list.trim() === '*') return true;
  return list.split(',').some((each) => {
    const tag = each.trim();
    return ETAG.test(tag) && (comparison === 'weak' ? tag.replace(/^W\//, '') : tag) === etag;
  });
}

/**
 * A write says which version it is based on, so that nobody's change is lost without a word.
 * https://www.rfc-editor.org/rfc/rfc9110#section-13.1.1
 *
 * @throws HttpProblem 428 without If-Match, 412 if it has another version
 */
export function requireMatch(ifMatch: string | undefined, current: { readonly version: number }): void {
  const etag = etagOf(current);
  if (ifMatch === undefined) {
    const detail = `must have the ETag of the version that the change is based on, as in If-Match: ${etag}`;
    throw new HttpProblem(428, `If-Match ${detail}.`, [{ header: 'if-match', detail }], { etag });
  }
  if (!has(ifMatch, etag, 'strong')) throw changedMeanwhile(etag);
}

/** @param etag of the version now, if it is known */
export function changedMeanwhile(etag?: string): HttpProblem {
  const detail = 'is of another version than the item has now';
  const headers: Record<string, string> = etag === undefined ? {} : { etag };
  return new HttpProblem(412, `If-Match ${detail}.`, [{ header: 'if-match', detail }], headers);
}

/** Whether the client has this version already. https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2 */
export function isKnown(ifNoneMatch: string | undefined, current: { readonly version: number }): boolean {
  return ifNoneMatch !== undefined && has(ifNoneMatch, etagOf(current), 'weak');
}
