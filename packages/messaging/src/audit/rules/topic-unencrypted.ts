import type { Rule } from '../rule';
import { topic } from '../rule';

/** SNS encrypts with keys of KMS only: https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html */
export const topicUnencrypted: Rule = {
  name: 'topic-unencrypted',
  severity: 'low',
  needs: ['topic'],
  *find({ topics }) {
    for (const info of topics.values()) {
      if (info.encryption !== 'none') continue;
      yield {
        resource: topic(info),
        reason: 'Its messages are stored without encryption until they are delivered',
        remedy: `aws sns set-topic-attributes --topic-arn ${info.arn} --attribute-name KmsMasterKeyId --attribute-value KEY_ID`,
      };
    }
  },
};
