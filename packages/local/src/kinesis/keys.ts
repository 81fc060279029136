/**
 * Where things are in the store: `s/<name>` streams, `g/<id>` streams that are deleted and still to be cleared, and below the id
 * of a stream `r/<id>/<shard>/<sequence number>` records and `c/<id>/<consumer>/<shard>` how far its consumers are.
 */
export const STREAMS = 's/';
export const GARBAGE = 'g/';

export const allRecordsOf = (streamId: string): string => `r/${streamId}/`;
export const recordsOf = (streamId: string, shardId: string): string => `r/${streamId}/${shardId}/`;
export const allCheckpointsOf = (streamId: string): string => `c/${streamId}/`;
export const checkpointsOf = (streamId: string, consumer: string): string => `c/${streamId}/${consumer}/`;
