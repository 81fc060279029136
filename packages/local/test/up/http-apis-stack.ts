import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { CryptoKey } from 'jose';
import type { Bodies, TestProject } from './support';
import { merge, role, routed, api as firstApi } from './support';

const ECHO = `exports.handler = async (event) => event.isBase64Encoded
  ? { statusCode: 200, headers: { 'content-type': 'image/png' }, body: event.body, isBase64Encoded: true }
  : { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(event) };`;
const COOKIES = `exports.handler = async ({ cookies }) => ({ statusCode: 200, cookies: ['seen=' + cookies.length, 'b=2'], body: '' });`;
const URLS = `exports.handler = async () => ({ second: process.env.SECOND, rest: process.env.REST, url: process.env.URL });`;
const CHECK = `exports.handler = async ({ identitySource: [who] }) => (
  { isAuthorized: who === 'good', context: { who, call: crypto.randomUUID() } });`;
const REST_CHECK = `exports.handler = async ({ authorizationToken, methodArn }) => ({
  principalId: 'p', context: { level: 2 },
  policyDocument: { Statement: [{ Effect: authorizationToken === 'good' ? 'Allow' : 'Deny', Action: 'execute-api:Invoke', Resource: methodArn }] },
});`;

const http = '${aws_apigatewayv2_api.api.id}';
const rest = '${aws_api_gateway_rest_api.rest.id}';
const items = '${aws_api_gateway_resource.items.id}';

/** An issuer's discovery document and keys. */
export class Issuer {
  readonly server: Server;
  private jwk: unknown;
  private key!: CryptoKey;

  constructor() {
    this.server = createServer((request, response) => {
      const isKeys = request.url === '/keys';
      response.end(JSON.stringify(isKeys ? { keys: [this.jwk] } : { jwks_uri: `${this.url}/keys` }));
    });
  }

  async start(): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
    this.key = privateKey;
    this.jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256' };
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  sign(scope: string, nowSeconds: number): Promise<string> {
    return new SignJWT({ scope, client_id: 'shop', groups: ['a', 'b'] })
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .setIssuer(this.url)
      .setIssuedAt(nowSeconds)
      .setExpirationTime(nowSeconds + 3600)
      .sign(this.key);
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }
}

/** Two HTTP APIs, a REST API and two function URLs, with their functions. */
export function apisStack(project: TestProject, issuer: string): Bodies {
  const permissions = (source: string, ...names: string[]): Bodies => ({
    aws_lambda_permission: Object.fromEntries(
      names.map((name) => [
        `${name}-${source.replace(/\W/g, '')}`,
        {
          function_name: name,
          action: 'lambda:InvokeFunction',
          principal: 'apigateway.amazonaws.com',
          source_arn: `\${${source}.execution_arn}/*`,
        },
      ]),
    ),
  });
  const environment = [
    {
      variables: {
        SECOND: '${aws_apigatewayv2_stage.second.invoke_url}',
        REST: '${aws_api_gateway_stage.prod.invoke_url}',
        URL: '${aws_lambda_function_url.signed.function_url}',
      },
    },
  ];
  return merge(
    role('open', { Effect: 'Allow', Action: '*', Resource: '*' }),
    {
      aws_lambda_function: {
        echo: project.writeFunction('echo', ECHO),
        cookies: project.writeFunction('cookies', COOKIES),
        urls: { ...project.writeFunction('urls', URLS), environment },
        check: project.writeFunction('check', CHECK),
        'rest-check': project.writeFunction('rest-check', REST_CHECK),
      },
    },
    firstApi,
    routed('cookies', 'GET /cookies'),
    routed('urls', '$default'),
    httpApis(),
    authorizers(issuer),
    httpRoutes(),
    permissions('aws_apigatewayv2_api.api', 'echo', 'check'),
    permissions('aws_apigatewayv2_api.second', 'echo'),
    restApi(),
    restMethods(),
    permissions('aws_api_gateway_rest_api.rest', 'echo', 'rest-check'),
    {
      aws_lambda_function_url: {
        signed: { function_name: 'echo', authorization_type: 'AWS_IAM' },
        open: { function_name: 'echo', authorization_type: 'NONE' },
      },
    },
  );
}

/** The first API's access log, and the second API, whose stage has a name. */
function httpApis(): Bodies {
  return {
    aws_apigatewayv2_stage: {
      stage: {
        api_id: http,
        name: '$default',
        access_log_settings: [
          {
            destination_arn: '${aws_cloudwatch_log_group.access.arn}',
            format: '$context.routeKey $context.status $context.authorizer.who',
          },
        ],
      },
      second: { api_id: '${aws_apigatewayv2_api.second.id}', name: 'v1' },
    },
    aws_cloudwatch_log_group: { access: { name: 'access' } },
    aws_apigatewayv2_api: {
      second: { name: 'second', protocol_type: 'HTTP' },
    },
    aws_apigatewayv2_integration: {
      echo: {
        api_id: http,
        integration_type: 'AWS_PROXY',
        integration_uri: '${aws_lambda_function.echo.arn}',
        payload_format_version: '2.0',
      },
      old: {
        api_id: http,
        integration_type: 'AWS_PROXY',
        integration_uri: '${aws_lambda_function.echo.invoke_arn}',
        payload_format_version: '1.0',
      },
      second: {
        api_id: '${aws_apigatewayv2_api.second.id}',
        integration_type: 'AWS_PROXY',
        integration_uri: '${aws_lambda_function.echo.invoke_arn}',
        payload_format_version: '2.0',
      },
    },
  };
}

function authorizers(issuer: string): Bodies {
  return {
    aws_apigatewayv2_authorizer: {
      check: {
        api_id: http,
        name: 'check',
        authorizer_type: 'REQUEST',
        authorizer_uri: '${aws_lambda_function.check.invoke_arn}',
        identity_sources: ['$request.header.Authorization'],
        authorizer_payload_format_version: '2.0',
        enable_simple_responses: true,
      },
      jwt: {
        api_id: http,
        name: 'jwt',
        authorizer_type: 'JWT',
        identity_sources: ['$request.header.Authorization'],
        jwt_configuration: [{ audience: ['shop'], issuer }],
      },
    },
  };
}

function httpRoutes(): Bodies {
  const target = 'integrations/${aws_apigatewayv2_integration.echo.id}';
  return {
    aws_apigatewayv2_route: {
      guarded: {
        api_id: http,
        route_key: 'GET /guarded',
        target,
        authorization_type: 'CUSTOM',
        authorizer_id: '${aws_apigatewayv2_authorizer.check.id}',
      },
      claims: {
        api_id: http,
        route_key: 'GET /claims',
        target,
        authorization_type: 'JWT',
        authorizer_id: '${aws_apigatewayv2_authorizer.jwt.id}',
        authorization_scopes: ['read'],
      },
      old: {
        api_id: http,
        route_key: 'ANY /old/{proxy+}',
        target: 'integrations/${aws_apigatewayv2_integration.old.id}',
      },
      second: {
        api_id: '${aws_apigatewayv2_api.second.id}',
        route_key: 'GET /second',
        target: 'integrations/${aws_apigatewayv2_integration.second.id}',
        authorization_type: 'AWS_IAM',
      },
    },
  };
}

/** An API with a resource `items`, a stage, an authorizer and a key. */
function restApi(): Bodies {
  return {
    aws_api_gateway_rest_api: { rest: { name: 'rest', binary_media_types: ['image/png'] } },
    aws_api_gateway_resource: {
      items: {
        rest_api_id: rest,
        parent_id: '${aws_api_gateway_rest_api.rest.root_resource_id}',
        path_part: 'items',
      },
    },
    aws_api_gateway_authorizer: {
      check: {
        rest_api_id: rest,
        name: 'check',
        authorizer_uri: '${aws_lambda_function.rest-check.invoke_arn}',
      },
    },
    aws_api_gateway_deployment: { d: { rest_api_id: rest, triggers: { content: 'a' } } },
    aws_api_gateway_stage: {
      prod: {
        rest_api_id: rest,
        deployment_id: '${aws_api_gateway_deployment.d.id}',
        stage_name: 'prod',
      },
    },
    aws_api_gateway_api_key: { k: { name: 'k', value: 'key-of-at-least-twenty-characters' } },
    aws_api_gateway_usage_plan: { p: { name: 'p', api_stages: [{ api_id: rest, stage: 'prod' }] } },
    aws_api_gateway_usage_plan_key: {
      l: {
        key_id: '${aws_api_gateway_api_key.k.id}',
        key_type: 'API_KEY',
        usage_plan_id: '${aws_api_gateway_usage_plan.p.id}',
      },
    },
  };
}

/** A proxy, one behind a key and an authorizer, one for signed requests, and a mock for preflights. */
function restMethods(): Bodies {
  const place = { rest_api_id: rest, resource_id: items };
  const proxy = {
    type: 'AWS_PROXY',
    integration_http_method: 'POST',
    uri: '${aws_lambda_function.echo.invoke_arn}',
  };
  return {
    aws_api_gateway_method: {
      any: { ...place, http_method: 'ANY', authorization: 'NONE' },
      delete: {
        ...place,
        http_method: 'DELETE',
        authorization: 'CUSTOM',
        authorizer_id: '${aws_api_gateway_authorizer.check.id}',
        api_key_required: true,
      },
      patch: { ...place, http_method: 'PATCH', authorization: 'AWS_IAM' },
      options: { ...place, http_method: 'OPTIONS', authorization: 'NONE' },
    },
    aws_api_gateway_integration: {
      any: { ...place, http_method: 'ANY', ...proxy },
      delete: { ...place, http_method: 'DELETE', ...proxy },
      patch: { ...place, http_method: 'PATCH', ...proxy },
      options: {
        ...place,
        http_method: 'OPTIONS',
        type: 'MOCK',
        request_templates: { 'application/json': '{"statusCode": 200}' },
      },
    },
    aws_api_gateway_method_response: {
      options: { ...place, http_method: 'OPTIONS', status_code: '200' },
    },
    aws_api_gateway_integration_response: {
      options: {
        ...place,
        http_method: 'OPTIONS',
        status_code: '200',
        response_parameters: { 'method.response.header.Access-Control-Allow-Origin': "'*'" },
      },
    },
  };
}
