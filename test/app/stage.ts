import { AwsMicroStack } from '../../main';
import { stageNamed } from '../../stages';
import type { Stage } from '../../stages';
import { stubBundler, templateOf, testApp } from '../support/template';
import type { StubPackages, Template } from '../support/template';

/** What the handlers' bundles contain as far as the reach check is concerned; synth.test.ts judges the real ones. */
export const packages: StubPackages = {
  'producer.ts': ['@aws-sdk/client-sns'],
  'coordinator.ts': ['@aws-sdk/client-secrets-manager', '@aws-sdk/client-lambda'],
  'register.ts': ['@aws-sdk/client-dynamodb'],
  'change.ts': ['@aws-sdk/client-dynamodb', '@aws-sdk/client-sns'],
  'sweep.ts': ['@aws-sdk/client-dynamodb', '@aws-sdk/client-sns'],
  'mailer.ts': ['@aws-sdk/client-dynamodb', '@aws-sdk/client-sesv2'],
};

/** A whole stage, without its handlers. */
export function synthesizeStage(stage: string | Stage, stub: StubPackages = packages): Template {
  const described = typeof stage === 'string' ? stageNamed(stage) : stage;
  return templateOf(new AwsMicroStack(testApp(stubBundler(stub)), described));
}

/** A stage that differs from dev in what its services decide. */
export function devWith(services: Partial<Stage['services']>): Stage {
  const dev = stageNamed('dev');
  return { ...dev, services: { ...dev.services, ...services } };
}

/** Dev with these services and no others. */
export function devWithOnly(services: Partial<Stage['services']>): Stage {
  return devWith({
    messages: 'off',
    passwords: 'off',
    events: 'off',
    items: 'off',
    shop: 'off',
    messaging: 'off',
    ...services,
  });
}

/** The service's settings in dev. */
export function inDev<Name extends keyof Stage['services']>(
  name: Name,
): Exclude<Stage['services'][Name], 'off'> {
  const settings = stageNamed('dev').services[name];
  if (settings === 'off') throw new Error(`dev has the ${name} service`);
  return settings as Exclude<Stage['services'][Name], 'off'>;
}
