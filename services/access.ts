import { publicAccess } from '../modules';
import type { Authorization } from '../modules';

/** Who may call a service: everyone, or IAM principals with `execute-api:Invoke`. */
export type Access = 'public' | 'iam';

export function authorizationFor(access: Access): Authorization {
  return access === 'iam' ? 'iam' : publicAccess('a development stage holds no real data');
}
