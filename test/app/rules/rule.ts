import { statementsOf } from '../../support/template';
import type { Attributes, PolicyStatement, Resource, Template } from '../../support/template';

/** Something that every synthesized stage must hold, or a waiver must excuse. */
export interface Rule {
  /** The scanners' ids for it; `own` where none has the rule. */
  readonly id: string;
  readonly asks: string;
  /** The resource types that it judges. */
  readonly types: readonly string[];
  /** Nothing of these types may be there at all. @default false */
  readonly forbids?: boolean;
  /** Addresses of the resources that break it. */
  readonly offenders: (template: Template) => string[];
}

type Holds = (attributes: Attributes, resource: Resource, template: Template) => boolean;

/** A rule about each resource of a type. */
export function each(type: string, id: string, asks: string, holds: Holds): Rule {
  return {
    id,
    asks,
    types: [type],
    offenders: (template) =>
      template
        .resourcesOf(type)
        .filter((resource) => !holds(resource.attributes, resource, template))
        .map(({ address }) => address),
  };
}

/** A rule about each statement of the policies of some types: `aws_iam_role_policy`, `aws_kms_key`, ... */
export function eachStatement(
  types: readonly string[],
  id: string,
  asks: string,
  holds: (statement: PolicyStatement) => boolean,
): Rule {
  return {
    id,
    asks,
    types,
    offenders: (template) =>
      types.flatMap((type) =>
        template
          .resourcesOf(type)
          .filter(({ attributes }) => !statementsOf(attributes['policy']).every(holds))
          .map(({ address }) => address),
      ),
  };
}

/** No resource of these types is there at all. */
export function none(types: readonly string[], id: string, asks: string): Rule {
  return {
    id,
    asks,
    types,
    forbids: true,
    offenders: (template) =>
      types.flatMap((type) => template.resourcesOf(type).map(({ address }) => address)),
  };
}

/** Whether anything in the stack refers to an attribute of the resource. */
export function isReferredTo(template: Template, { address }: Resource, attribute: string): boolean {
  return template.resources.some(
    (other) => other.address !== address && refersTo(other, `${address}.${attribute}`),
  );
}

export function refersTo({ attributes }: Resource, reference: string): boolean {
  return JSON.stringify(attributes).includes(`\${${reference}}`);
}

export function isAllow({ Effect }: PolicyStatement): boolean {
  return Effect === 'Allow';
}
