import * as path from 'node:path';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment';
import { LambdaFunction } from '@cdktf/provider-aws/lib/lambda-function';
import { AssetType, TerraformAsset } from 'cdktf';
import { Construct } from 'constructs';

export interface NodeFunctionConfig {
  readonly folder: string;
  readonly handler?: string;
  readonly runtime?: string;
  readonly environment?: Record<string, string>;
  readonly statements: { Effect: string; Action: string[]; Resource: string | string[] }[];
}

/** A function out of a folder of `lambda/`, with a role of its own. */
export class NodeFunction extends Construct {
  public readonly fn: LambdaFunction;

  constructor(scope: Construct, id: string, config: NodeFunctionConfig) {
    super(scope, id);
    const asset = new TerraformAsset(this, 'asset', {
      path: path.resolve(__dirname, '..', 'lambda', config.folder),
      type: AssetType.ARCHIVE,
    });
    const role = new IamRole(this, 'role', {
      name: `bookstore-${config.folder}`,
      assumeRolePolicy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } },
        ],
      }),
    });
    new IamRolePolicyAttachment(this, 'logs', {
      role: role.name,
      policyArn: 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
    });
    new IamRolePolicy(this, 'policy', {
      role: role.id,
      policy: JSON.stringify({ Version: '2012-10-17', Statement: config.statements }),
    });
    this.fn = new LambdaFunction(this, 'fn', {
      functionName: `bookstore-${config.folder}`,
      filename: asset.path,
      sourceCodeHash: asset.assetHash,
      handler: config.handler ?? 'index.handler',
      runtime: config.runtime ?? 'nodejs20.x',
      role: role.arn,
      timeout: 10,
      environment: { variables: config.environment ?? {} },
    });
  }
}
