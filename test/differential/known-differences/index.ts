import type { KnownDifference } from '../support/comparison';
import { fauxqsFilters } from './fauxqs-filters';
import { fauxqsQueues } from './fauxqs-queues';
import { fauxqsTopics } from './fauxqs-topics';
import { motoFilters } from './moto-filters';
import { motoQueues } from './moto-queues';
import { motoTopics } from './moto-topics';

export const knownOfFauxqs: readonly KnownDifference[] = [...fauxqsQueues, ...fauxqsTopics, ...fauxqsFilters];
export const knownOfMoto: readonly KnownDifference[] = [...motoQueues, ...motoTopics, ...motoFilters];
