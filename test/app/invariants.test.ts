import type { Rule } from './rules';
import { rules } from './rules';
import { devWith, inDev, synthesizeStage } from './stage';
import { waivers } from './waivers';
import type { Waiver } from './waivers';

const templates = { dev: synthesizeStage('dev'), prod: synthesizeStage('prod') };

/** The other way to the consumer is judged like the one that the stages take. */
const directDelivery = synthesizeStage(devWith({ messages: { ...inDev('messages'), directDelivery: true } }));

function isAbout(waiver: Waiver, rule: Rule): boolean {
  return rule.id.split(', ').includes(waiver.rule) || rule.asks === waiver.rule;
}

describe.each([
  ['dev', templates.dev, 'dev'],
  ['dev with direct delivery', directDelivery, 'dev'],
  ['prod', templates.prod, 'prod'],
] as const)('%s', (_name, template, stage) => {
  test.each(rules.map((rule) => [rule.id, rule.asks, rule] as const))('%s: %s', (_id, _asks, rule) => {
    const excuses = waivers.filter((waiver) => waiver.stages.includes(stage) && isAbout(waiver, rule));
    const offenders = rule.offenders(template);
    expect(offenders.filter((address) => !excuses.some(({ resources }) => resources.test(address)))).toEqual(
      [],
    );
  });
});

test.each(waivers.map((waiver) => [waiver.rule, waiver.resources.source, waiver] as const))(
  'the waiver of %s for %s excuses something in each of its stages',
  (_rule, _resources, waiver) => {
    const excused = waiver.stages.filter((stage) =>
      rules
        .filter((rule) => isAbout(waiver, rule))
        .some((rule) => rule.offenders(templates[stage]).some((address) => waiver.resources.test(address))),
    );
    expect(excused).toEqual(waiver.stages);
  },
);

test('every rule has something to judge, but for those on what is not here', () => {
  const present = new Set(templates.prod.types);
  const idle = rules.filter(({ types, forbids }) => !forbids && !types.some((type) => present.has(type)));
  expect(idle.flatMap(({ types }) => types)).toEqual([
    'aws_route',
    'aws_eip',
    'aws_kinesis_stream',
    'aws_api_gateway_method',
    'aws_api_gateway_stage',
    'aws_apigatewayv2_domain_name',
  ]);
});

test('every waiver says why', () => {
  for (const { reason } of waivers) expect(reason.split(' ').length).toBeGreaterThan(5);
});
