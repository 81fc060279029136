import type { Resolver, Resource } from '../../synth';
import { permissionProblem } from '../stack-parts';
import type { RestIntegration, RestStage } from './config';

/** Where a method is. */
export interface MethodPlace {
  readonly api: Resource;
  readonly stages: readonly RestStage[];
  readonly resolver: Resolver;
}

/** Why API Gateway may not call a method's function. @param place `GET/pets/{id}` */
export function methodProblem(
  integration: RestIntegration,
  roleArn: string | undefined,
  place: string,
  { api, stages, resolver }: MethodPlace,
): string | undefined {
  if (!('functionArn' in integration)) {
    return undefined;
  }
  const sources = stages.map(({ name }) => ({
    arn: `${api.id('execution_arn')}/${name}/${place}`,
    what: ` (stage ${name})`,
  }));
  const { functionArn } = integration;
  return permissionProblem({ functionArn, roleArn, sources, target: 'this method' }, resolver);
}
