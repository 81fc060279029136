import { ApiGatewayDeployment } from '@cdktf/provider-aws/lib/api-gateway-deployment';
import { ApiGatewayIntegration } from '@cdktf/provider-aws/lib/api-gateway-integration';
import { ApiGatewayMethod } from '@cdktf/provider-aws/lib/api-gateway-method';
import { ApiGatewayResource } from '@cdktf/provider-aws/lib/api-gateway-resource';
import { ApiGatewayRestApi } from '@cdktf/provider-aws/lib/api-gateway-rest-api';
import { ApiGatewayStage } from '@cdktf/provider-aws/lib/api-gateway-stage';
import { CloudwatchDashboard } from '@cdktf/provider-aws/lib/cloudwatch-dashboard';
import type { DynamodbTable } from '@cdktf/provider-aws/lib/dynamodb-table';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import type { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic';
import { TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { NodeFunction } from './node-function';

export interface ApiStackConfig {
  readonly topic: SnsTopic;
  readonly table: DynamodbTable;
}

export class ApiStack extends TerraformStack {
  constructor(scope: Construct, id: string, { topic, table }: ApiStackConfig) {
    super(scope, id);
    new AwsProvider(this, 'aws', { region: 'eu-west-1' });

    const { fn } = new NodeFunction(this, 'function', {
      folder: 'api',
      handler: 'src/app.handler',
      environment: { TOPIC_ARN: topic.arn, TABLE: table.name },
      statements: [
        { Effect: 'Allow', Action: ['sns:Publish'], Resource: topic.arn },
        { Effect: 'Allow', Action: ['dynamodb:GetItem', 'dynamodb:PutItem'], Resource: table.arn },
      ],
    });

    const api = new ApiGatewayRestApi(this, 'api', { name: 'bookstore' });
    const proxy = new ApiGatewayResource(this, 'proxy', {
      restApiId: api.id,
      parentId: api.rootResourceId,
      pathPart: '{proxy+}',
    });
    const method = new ApiGatewayMethod(this, 'any', {
      restApiId: api.id,
      resourceId: proxy.id,
      httpMethod: 'ANY',
      authorization: 'NONE',
    });
    const integration = new ApiGatewayIntegration(this, 'integration', {
      restApiId: api.id,
      resourceId: proxy.id,
      httpMethod: method.httpMethod,
      integrationHttpMethod: 'POST',
      type: 'AWS_PROXY',
      uri: fn.invokeArn,
    });
    const deployment = new ApiGatewayDeployment(this, 'deployment', {
      restApiId: api.id,
      dependsOn: [method, integration],
    });
    const stage = new ApiGatewayStage(this, 'stage', {
      restApiId: api.id,
      deploymentId: deployment.id,
      stageName: 'live',
    });
    new LambdaPermission(this, 'permission', {
      functionName: fn.functionName,
      action: 'lambda:InvokeFunction',
      principal: 'apigateway.amazonaws.com',
      sourceArn: `${api.executionArn}/*/*`,
    });
    new CloudwatchDashboard(this, 'dashboard', {
      dashboardName: 'bookstore',
      dashboardBody: JSON.stringify({ widgets: [] }),
    });
    new TerraformOutput(this, 'url', { value: stage.invokeUrl });
  }
}
