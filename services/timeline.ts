import type { GlobalIndex, Projection } from '../modules';

/** The index that handlers/shared/timeline.ts reads. */
export const TIMELINE_INDEX = 'timeline';

/** A table's items in the order of time, all in one partition: a thousand writes a second at most. */
export function timelineIndex(
  timeAttribute: string,
  projection: Projection = 'ALL',
): Record<string, GlobalIndex> {
  return {
    [TIMELINE_INDEX]: {
      partitionKey: { name: 'timeline', type: 'S' },
      sortKey: { name: timeAttribute, type: 'S' },
      projection,
    },
  };
}
