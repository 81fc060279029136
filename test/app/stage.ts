import { AwsMicroStack } from '../../main';
import { stageNamed } from '../../stages';
import type { Stage } from '../../stages';
import { stubBundler, templateOf, testApp } from '../support/template';
import type { StubPackages, Template } from '../support/template';

/** What the handlers' bundles contain as far as the reach check is concerned; synth.test.ts judges the real ones. */
export const packages: StubPackages = {
  'producer.ts': ['@aws-sdk/client-sns'],
  'coordinator.ts': ['@aws-sdk/client-secrets-manager', '@aws-sdk/client-lambda'],
};

/** A whole stage, without its handlers. */
export function synthesizeStage(stage: string | Stage, stub: StubPackages = packages): Template {
  const described = typeof stage === 'string' ? stageNamed(stage) : stage;
  return templateOf(new AwsMicroStack(testApp(stubBundler(stub)), described));
}
