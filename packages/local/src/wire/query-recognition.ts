import type { Operations, WireRequest } from './protocol';
import { parameters } from './query-protocol';

/** Whether a request without credentials means a service of the Query protocol: by Version, or else by Action. */
export function recognizesQuery(version: string, operations: Operations): (request: WireRequest) => boolean {
  return (request) => {
    if (request.headers['x-amz-target'] !== undefined) return false;
    const pairs = new Map(parameters(request));
    const given = pairs.get('Version');
    const action = pairs.get('Action');
    if (given !== undefined) return given === version;
    return action !== undefined && Object.hasOwn(operations, action);
  };
}
