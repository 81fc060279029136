import type { HttpAnswer } from '../config';
import { headerOf } from '../request';
import type { IntegrationResponse, Mapped } from './config';
import type { TemplateInput } from './template';
import { contextOf, render } from './template';

/** The request as an integration gets it: by the template of the body's type, or as it is. */
export function mappedRequest({ requestTemplates }: Mapped, input: TemplateInput): string {
  const type = (headerOf(input.request, 'content-type') ?? 'application/json').split(';')[0]!.trim();
  const template = requestTemplates[type] ?? requestTemplates['application/json'];
  return template === undefined ? input.body : render(template, input);
}

/** The status code that a mock's template names; undefined where it names none. */
export function mockStatus(rendered: string): string | undefined {
  return /"statusCode"\s*:\s*"?(\d{3})/.exec(rendered)?.[1];
}

/**
 * The answer that an integration's responses make.
 *
 * @param selector the mock's status code, or the function's error; undefined where it succeeded
 * @returns undefined where no response is for it
 */
export function mappedAnswer(
  { responses }: Mapped,
  selector: string | undefined,
  input: TemplateInput,
): HttpAnswer | undefined {
  const selected =
    responses.find(({ selectionPattern: pattern }) => {
      return (
        selector !== undefined && pattern !== undefined && new RegExp(`^(?:${pattern})$`, 's').test(selector)
      );
    }) ?? responses.find(({ selectionPattern }) => selectionPattern === undefined);
  if (selected === undefined) {
    return undefined;
  }
  const [type, template] = Object.entries(selected.templates)[0] ?? ['application/json', undefined];
  return {
    status: selected.status,
    headers: { 'content-type': type, ...headersOf(selected, input) },
    body: template === undefined ? input.body : render(template, input),
  };
}

function headersOf({ parameters }: IntegrationResponse, input: TemplateInput): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters).flatMap(([target, source]) => {
      const name = /^method\.response\.header\.(.+)$/.exec(target)?.[1];
      const value = valueOf(source, input);
      return name === undefined || value === undefined ? [] : [[name.toLowerCase(), value]];
    }),
  );
}

/** `'text'`, `context.requestId`, `stageVariables.x` */
function valueOf(source: string, { request, context }: TemplateInput): string | undefined {
  const literal = /^'(.*)'$/s.exec(source)?.[1];
  if (literal !== undefined) return literal;
  const [, from, name = ''] = /^(context|stageVariables)\.(.+)$/.exec(source) ?? [];
  if (from === 'context') return contextOf(name, request, context);
  return from === 'stageVariables' ? context.stage.variables[name] : undefined;
}
