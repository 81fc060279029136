import type { Rule } from '../rule';
import { alarmOnMissingQueue } from './alarm-on-missing-queue';
import { alarmWithoutActions } from './alarm-without-actions';
import { deadLettersWaiting } from './dead-letters-waiting';
import { policyOpenToTheWorld } from './policy-open-to-the-world';
import { queueUnencrypted } from './queue-unencrypted';
import { queueUnused } from './queue-unused';
import { queueWithoutDeadLetters } from './queue-without-dead-letters';
import { retentionOfDeadLettersShorterThanSource } from './retention-of-dead-letters-shorter-than-source';
import { subscriptionPending } from './subscription-pending';
import { subscriptionToMissingQueue } from './subscription-to-missing-queue';
import { topicUnencrypted } from './topic-unencrypted';
import { topicWithoutSubscribers } from './topic-without-subscribers';

export const RULES: readonly Rule[] = [
  policyOpenToTheWorld,
  deadLettersWaiting,
  subscriptionToMissingQueue,
  topicWithoutSubscribers,
  queueWithoutDeadLetters,
  retentionOfDeadLettersShorterThanSource,
  queueUnencrypted,
  alarmWithoutActions,
  alarmOnMissingQueue,
  topicUnencrypted,
  subscriptionPending,
  queueUnused,
];
