import type { JsonObject } from '../../src/synth';
import { merge, role } from './support';
import type { Bodies, TestProject } from './support';

const FAILING = `exports.handler = async () => { throw new Error('no'); };`;
const TOLD = `exports.handler = async ({ alarmData }) => { console.log('told ' + alarmData.alarmName + ' ' + alarmData.state.value); };`;
const LISTENERS = 'lambda.alarms.cloudwatch.amazonaws.com';

/** An alarm on the errors of the function `failing`, which the function `told` hears of. */
const errors = (alarm_name: string, more: JsonObject = {}): JsonObject => ({
  alarm_name,
  namespace: 'AWS/Lambda',
  metric_name: 'Errors',
  dimensions: { FunctionName: '${aws_lambda_function.failing.function_name}' },
  statistic: 'Sum',
  period: 60,
  evaluation_periods: 1,
  threshold: 1,
  comparison_operator: 'GreaterThanOrEqualToThreshold',
  treat_missing_data: 'notBreaching',
  alarm_actions: ['${aws_lambda_function.told.arn}'],
  ...more,
});

/** A topic that alarms may tell, and somebody who gets its mails. */
function alerts(): Bodies {
  const policy = {
    Statement: {
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: 'sns:Publish',
      Resource: '${aws_sns_topic.alerts.arn}',
      Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:cloudwatch:*:*:alarm:*' } },
    },
  };
  const topic_arn = '${aws_sns_topic.alerts.arn}';
  return {
    aws_sns_topic: { alerts: { name: 'alerts', kms_master_key_id: 'alias/own' } },
    aws_sns_topic_policy: { alerts: { arn: topic_arn, policy: JSON.stringify(policy) } },
    aws_sns_topic_subscription: {
      people: { topic_arn, protocol: 'email', endpoint: 'ops@example.com' },
    },
  };
}

/** A queue with dead letters, a function that fails, and alarms that tell people and a function. */
export function alarmsStack(project: TestProject): Bodies {
  return merge(role('open', { Effect: 'Allow', Action: '*', Resource: '*' }), alerts(), {
    aws_lambda_function: {
      failing: project.writeFunction('failing', FAILING),
      told: project.writeFunction('told', TOLD),
    },
    aws_lambda_function_event_invoke_config: {
      failing: { function_name: 'failing', maximum_retry_attempts: 0 },
    },
    aws_lambda_permission: {
      told: {
        function_name: 'told',
        action: 'lambda:InvokeFunction',
        principal: LISTENERS,
        source_arn: '${aws_cloudwatch_metric_alarm.errors.arn}',
      },
    },
    aws_sqs_queue: {
      dead: { name: 'jobs-dead' },
      jobs: {
        name: 'jobs',
        visibility_timeout_seconds: 10,
        redrive_policy: '{"deadLetterTargetArn":"${aws_sqs_queue.dead.arn}","maxReceiveCount":1}',
      },
    },
    aws_cloudwatch_metric_alarm: {
      dead: {
        alarm_name: 'jobs-dead-letters',
        alarm_description: 'Messages were given up on',
        namespace: 'AWS/SQS',
        metric_name: 'ApproximateNumberOfMessagesVisible',
        dimensions: { QueueName: '${aws_sqs_queue.dead.name}' },
        statistic: 'Maximum',
        period: 300,
        evaluation_periods: 1,
        threshold: 0,
        comparison_operator: 'GreaterThanThreshold',
        treat_missing_data: 'notBreaching',
        alarm_actions: ['${aws_sns_topic.alerts.arn}'],
        ok_actions: ['${aws_sns_topic.alerts.arn}'],
        tags: { team: 'ops' },
      },
      errors: errors('failing-errors'),
      // Nothing lets this one invoke the function.
      stranger: errors('stranger-errors'),
      storage: errors('storage', {
        namespace: 'AWS/RDS',
        metric_name: 'FreeStorageSpace',
        alarm_actions: [],
      }),
      math: { alarm_name: 'math', metric_query: [{ id: 'a', expression: 'b + c' }] },
    },
    aws_cloudwatch_composite_alarm: { all: { alarm_name: 'all', alarm_rule: 'ALARM(a)' } },
  });
}
