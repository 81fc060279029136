import { ServiceError } from '../engine';
import type { SesAccount } from '../mail';
import type { WireContext } from './protocol';

/** @throws ServiceError where the endpoint runs without mail */
export function sesAccount({ ses }: WireContext): SesAccount {
  if (ses !== undefined) return ses;
  throw new ServiceError('BadRequestException', 'Amazon SES is not hosted by this endpoint.');
}
