import type { Rule } from './rules';
import { rules } from './rules';
import { synthesizeStage } from './stage';
import { waivers } from './waivers';
import type { Waiver } from './waivers';

const stages = ['dev', 'prod'] as const;
const templates = { dev: synthesizeStage('dev'), prod: synthesizeStage('prod') };

function isAbout(waiver: Waiver, rule: Rule): boolean {
  return rule.id.split(', ').includes(waiver.rule) || rule.asks === waiver.rule;
}

describe.each(stages)('%s', (stage) => {
  test.each(rules.map((rule) => [rule.id, rule.asks, rule] as const))('%s: %s', (_id, _asks, rule) => {
    const excuses = waivers.filter((waiver) => waiver.stages.includes(stage) && isAbout(waiver, rule));
    const offenders = rule.offenders(templates[stage]);
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

test('every waiver says why', () => {
  for (const { reason } of waivers) expect(reason.split(' ').length).toBeGreaterThan(5);
});
