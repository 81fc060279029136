import { XrayResourcePolicy } from '@cdktf/provider-aws/lib/xray-resource-policy';
import { TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { Account } from './account';
import { stackName } from './names';
import { PolicyDocument } from './policy';

/**
 * Lets SNS send X-Ray the spans of this account's topics; without it, active tracing records nothing and nobody is told. One
 * a stack, because an account has five such policies at most. Made by a `Topic` with `tracing: 'Active'`.
 *
 * Emits aws_xray_resource_policy. Free.
 *
 * https://docs.aws.amazon.com/sns/latest/dg/sns-active-tracing.html
 */
export class TopicTracing extends Construct {
  readonly resourcePolicy: XrayResourcePolicy;

  private constructor(stack: TerraformStack) {
    super(stack, 'topic-tracing');
    const account = Account.of(this);
    const policy = new PolicyDocument([
      {
        sid: 'Topics',
        principal: { Service: 'sns.amazonaws.com' },
        actions: ['xray:PutTraceSegments', 'xray:GetSamplingRules', 'xray:GetSamplingTargets'],
        resources: ['*'],
        condition: {
          StringEquals: { 'aws:SourceAccount': [account.id] },
          StringLike: { 'aws:SourceArn': [account.arn('sns', '*')] },
        },
      },
    ]);
    this.resourcePolicy = new XrayResourcePolicy(this, 'resource-policy', {
      policyName: stackName(this, 'topics'),
      policyDocument: policy.json,
    });
  }

  static of(scope: Construct): TopicTracing {
    const stack = TerraformStack.of(scope);
    return (stack.node.tryFindChild('topic-tracing') as TopicTracing | undefined) ?? new TopicTracing(stack);
  }
}
