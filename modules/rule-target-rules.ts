import type { RuleTarget, Target } from './rule-target';
import { requireInteger, requireMatch, requireThat } from './validate';

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_InputTransformer.html */
const LIMITS = { paths: 100, characters: 8192 };
const PATH = /^\$(\.[a-zA-Z0-9_-]+|\[\d+\]|\[\*\])*$/;
const RESERVED = /^aws\.events\.(rule-arn|rule-name|event\.ingestion-time|event(\.json)?)$/;

export function validateTarget(edge: RuleTarget, target: Target): void {
  const source = 'EventBridge PutTargets';
  requireInteger(edge, 'maximumRetryAttempts', target.maximumRetryAttempts, { min: 0, max: 185 }, source);
  const age = { min: 60, max: 86_400 };
  requireInteger(edge, 'maximumEventAgeSeconds', target.maximumEventAgeSeconds, age, source);
  validateInput(edge, target);
  if (target.kind === 'topic') {
    const rule = 'EventBridge has no group id for topics: rules publish to standard ones';
    requireThat(edge, !target.topic.isFifo, 'topic', target.topic.name, rule);
  }
  if (target.kind !== 'queue') return;
  const { queue, messageGroupId } = target;
  const given = messageGroupId !== undefined;
  const groupRule = `a FIFO queue needs a messageGroupId, and only a FIFO queue takes one (${source})`;
  requireThat(edge, queue.isFifo === given, 'messageGroupId', messageGroupId ?? null, groupRule);
  requireMatch(edge, 'messageGroupId', messageGroupId, /^.{1,128}$/s, '1 to 128 characters are allowed');
}

function validateInput(edge: RuleTarget, target: Target): void {
  const { input, inputPath, inputTransformer } = target;
  const given = [input, inputPath, inputTransformer].filter((value) => value !== undefined);
  const oneRule = 'one of input, inputPath and inputTransformer is taken (EventBridge PutTargets)';
  requireThat(edge, given.length <= 1, 'input', given, oneRule);
  const pathRule = 'a path in the event is needed: $.detail.orderId (EventBridge target input)';
  requireMatch(edge, 'inputPath', inputPath, PATH, pathRule);
  const size = input === undefined ? 0 : JSON.stringify(input).length;
  requireThat(edge, size <= LIMITS.characters, 'size of the input', size, `${LIMITS.characters} at most`);
  if (inputTransformer) validateTransformer(edge, inputTransformer);
}

function validateTransformer(
  edge: RuleTarget,
  { paths, template }: NonNullable<Target['inputTransformer']>,
): void {
  const names = Object.keys(paths);
  const many = `${LIMITS.paths} at most (EventBridge InputTransformer)`;
  requireThat(edge, names.length <= LIMITS.paths, 'number of paths', names.length, many);
  for (const [name, path] of Object.entries(paths)) {
    const nameRule = 'a letter, digits, letters, _ and - are allowed, and AWS at the front is reserved';
    requireMatch(edge, 'inputTransformer.paths', name, /^(?!aws)[a-z][a-z0-9_-]*$/i, nameRule);
    const pathRule = 'a path in the event is needed: $.detail.orderId';
    requireMatch(edge, `inputTransformer.paths.${name}`, path, PATH, pathRule);
  }
  const fits = template.length >= 1 && template.length <= LIMITS.characters;
  const sizeRule = `1 to ${LIMITS.characters} characters are allowed`;
  requireThat(edge, fits, 'size of the template', template.length, sizeRule);
  const used = [...template.matchAll(/<([a-zA-Z][\w.-]*)>/g)].map(([, name = '']) => name);
  const unknown = used.find((name) => !names.includes(name) && !RESERVED.test(name));
  const rule = `the paths name ${names.join(', ') || 'nothing'}`;
  requireThat(edge, unknown === undefined, 'inputTransformer.template', `<${unknown}>`, rule);
}

/** What of the event, or in place of it, the target gets. */
export function inputSettings({ input, inputPath, inputTransformer }: Target) {
  return {
    ...(input !== undefined && { input: JSON.stringify(input) }),
    ...(inputPath !== undefined && { inputPath }),
    ...(inputTransformer && {
      inputTransformer: {
        inputPaths: { ...inputTransformer.paths },
        inputTemplate: inputTransformer.template,
      },
    }),
  };
}
