import type { Authorizing } from '../caller';
import { ANYONE } from '../caller';
import type { GatewayOptions } from '../gateway';
import type { Asked } from './asked';
import { methodArn } from './asked';
import { authorizeIam } from './iam';
import { JwtAuthorizers } from './jwt';
import { LambdaAuthorizers } from './lambda';

export type { Asked } from './asked';

/** Nobody has to be asked. */
export const OPEN: Authorizing = { caller: ANYONE };

/** Every way in which an API decides whether a request passes. */
export class Authorizers {
  private readonly lambda: LambdaAuthorizers;
  private readonly jwt: JwtAuthorizers;

  constructor(private readonly options: GatewayOptions) {
    this.lambda = new LambdaAuthorizers(options);
    this.jwt = new JwtAuthorizers(options);
  }

  /** At once where nobody has to be asked. @throws URIError */
  authorize(asked: Asked): Authorizing | Promise<Authorizing> {
    const { authorization, authorizer } = asked.by;
    if (authorization === 'NONE') {
      return OPEN;
    }
    if (authorization === 'AWS_IAM') {
      const call = {
        service: 'execute-api',
        actions: ['execute-api:Invoke'],
        resource: methodArn(asked),
      } as const;
      return authorizeIam(asked.request, asked.api, call, this.options);
    }
    if (authorizer === undefined) {
      return { refusal: { kind: 'AUTHORIZER_CONFIGURATION_ERROR' } };
    }
    return authorizer.kind === 'lambda'
      ? this.lambda.authorize(authorizer, asked)
      : this.jwt.authorize(authorizer, asked);
  }
}
