import { LambdaFunctionUrl } from '@cdktf/provider-aws/lib/lambda-function-url';
import type { LambdaFunctionUrlConfig } from '@cdktf/provider-aws/lib/lambda-function-url';
import { Construct } from 'constructs';
import type { PublicAccess } from './authorization';
import type { LambdaFunction } from './function';
import type { Cors } from './http-api';
import { validateCors, validatePublicAccess } from './http-api-rules';

export interface FunctionUrlOptions {
  /** IAM principals with the right to invoke by the URL, or everyone. */
  readonly authorization: 'iam' | PublicAccess;
  /** @default no other origin may call */
  readonly cors?: Cors;
  /** Attributes of the resource that are set otherwise than here. @default none */
  readonly overrides?: Partial<LambdaFunctionUrlConfig>;
}

export interface FunctionUrlProps extends FunctionUrlOptions {
  readonly fn: LambdaFunction;
}

/**
 * An HTTPS address of one function, with requests in payload format 2.0: no routes, no throttling but the function's reserved
 * concurrency, no access log. Made by `fn.addUrl`.
 *
 * Since October 2025 Lambda asks for two rights, `lambda:InvokeFunctionUrl` and `lambda:InvokeFunction` by the URL
 * (https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html). Callers by IAM get both from `grantInvoke`. For a public URL the
 * provider adds the first by itself and cannot express the second before its version 6.29; until then, once after the deploy:
 * `aws lambda add-permission --function-name NAME --statement-id FunctionURLAllowInvokeAction --action lambda:InvokeFunction
 * --principal '*' --invoked-via-function-url`.
 *
 * Emits aws_lambda_function_url. Free.
 *
 * @example
 * const url = fn.addUrl({ authorization: 'iam' });
 * const caller = new LambdaFunction(scope, 'caller', { name: 'caller', entry: 'handlers/caller.ts' });
 * url.grantInvoke(caller);
 */
export class FunctionUrl extends Construct {
  readonly functionUrl: LambdaFunctionUrl;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: FunctionUrlProps,
  ) {
    super(scope, id);
    const { fn, authorization, cors, overrides } = props;
    if (authorization !== 'iam') validatePublicAccess(this, fn.name, authorization);
    if (cors) validateCors(this, cors);
    this.functionUrl = new LambdaFunctionUrl(this, 'url', {
      functionName: fn.function.functionName,
      authorizationType: authorization === 'iam' ? 'AWS_IAM' : 'NONE',
      ...(cors && { cors: corsSettings(cors) }),
      ...overrides,
    });
  }

  /** `https://<id>.lambda-url.<region>.on.aws/` */
  get url(): string {
    return this.functionUrl.functionUrl;
  }

  /** Lets another function's code call the URL, with signed requests. */
  grantInvoke(caller: LambdaFunction): void {
    const resources = [this.props.fn.arn];
    caller.grantIndirect({
      sid: 'InvokeFunctionUrls',
      actions: ['lambda:InvokeFunctionUrl'],
      resources,
      condition: { StringEquals: { 'lambda:FunctionUrlAuthType': ['AWS_IAM'] } },
    });
    caller.grantIndirect({
      sid: 'InvokeByFunctionUrls',
      actions: ['lambda:InvokeFunction'],
      resources,
      condition: { Bool: { 'lambda:InvokedViaFunctionUrl': ['true'] } },
    });
  }
}

function corsSettings(cors: Cors) {
  return {
    allowOrigins: [...cors.allowOrigins],
    allowMethods: [...cors.allowMethods],
    allowHeaders: [...(cors.allowHeaders ?? [])],
    allowCredentials: cors.allowCredentials ?? false,
    maxAge: cors.maxAgeSeconds ?? 3600,
  };
}
