import Ajv from 'ajv/dist/2020';
import type { ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { openApiDocument } from '../../src/rest';

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly JsonSchema[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Record<string, JsonSchema>;
  readonly 'x-scope'?: string;
}

type Content = Record<string, { readonly schema: JsonSchema }>;
export type JsonSchema = Record<string, unknown>;

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** What the OpenAPI document says of answers, checked by a validator that is not ours. */
export class Documented {
  readonly document = openApiDocument();
  /** Operations and their statuses that were seen. */
  readonly seen = new Set<string>();
  private readonly ajv = new Ajv({ strict: false, allErrors: true });
  private readonly compiled = new Map<string, ValidateFunction>();

  constructor() {
    addFormats(this.ajv);
    this.ajv.addSchema({ ...this.document, $id: 'api' });
  }

  readonly operations: readonly {
    readonly method: string;
    readonly path: string;
    readonly operation: Operation;
  }[] = Object.entries(this.document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation: operation as unknown as Operation,
    })),
  );

  /** `/v1/queues/{queue}` for `/v1/queues/orders?x=y`; a path that is written out goes before a parameter. */
  templateOf(method: string, path: string): string | undefined {
    const segments = path.split('?')[0]!.split('/');
    const fits = this.operations.filter(({ method: of, path: template }) => {
      const parts = template.split('/');
      const matches = parts.every((part, index) =>
        part.startsWith('{') ? segments[index] : part === segments[index],
      );
      return of === method && parts.length === segments.length && matches;
    });
    return fits.sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0]?.path;
  }

  operation(method: string, template: string): Operation {
    return this.document.paths[template]![method.toLowerCase()] as unknown as Operation;
  }

  /** Throws where an answer is not as documented: status, type and body. */
  check(method: string, template: string, { status, headers, body }: Answered): void {
    const place = `${method} ${template} ${status}`;
    const response = this.operation(method, template).responses[String(status)];
    if (response === undefined) throw new Error(`${place} is not documented: ${JSON.stringify(body)}`);
    this.seen.add(`${method} ${template} ${status}`);
    const content = this.resolve(response).content as Content | undefined;
    if (content === undefined) {
      if (body !== undefined) throw new Error(`${place} should have no body`);
      return;
    }
    const [type, { schema }] = Object.entries(content)[0]!;
    if (headers.get('content-type') !== type) throw new Error(`${place} should be ${type}`);
    const validate = this.validator(schema);
    if (!validate(body))
      throw new Error(`${place}: ${this.ajv.errorsText(validate.errors)} ${JSON.stringify(body)}`);
  }

  /** What a reference stands for, or the thing itself. */
  resolve(thing: JsonSchema): JsonSchema {
    if (typeof thing.$ref !== 'string') return thing;
    const steps = thing.$ref.slice(2).split('/');
    const found = steps.reduce<unknown>((at, step) => (at as JsonSchema)[step], this.document);
    const { $ref: _, ...beside } = thing;
    return { ...(found as JsonSchema), ...beside };
  }

  validator(schema: JsonSchema): ValidateFunction {
    const text = JSON.stringify(schema);
    const known = this.compiled.get(text);
    if (known !== undefined) return known;
    const absolute = JSON.parse(text.replaceAll('"#/components/', '"api#/components/')) as JsonSchema;
    const validate = this.ajv.compile(absolute);
    this.compiled.set(text, validate);
    return validate;
  }
}
