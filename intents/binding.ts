import { schemaAt } from './check-schema.ts';
import type { Binding, RestBinding } from './contract.ts';
import type { IntentDocument } from './contract-document.ts';
import { didYouMean } from './did-you-mean.ts';
import { isObject, type Json, type JsonSchema } from './json.ts';
import { checkMakes, checkReads } from './mapping/check-mapping.ts';
import type { SchemaLibrary } from './schema-library.ts';

/** Turns the `call` of an intent document into a binding. @param input the schema that its values come from */
export const toBinding = (call: IntentDocument['call'], input: JsonSchema): Binding => {
  const { backend, result } = call;
  const shared = {
    backend,
    ...(result === undefined ? {} : typeof result === 'string' ? { result } : { mapped: result as Json }),
  };
  if ('rest' in call) {
    const [method = 'GET', path = '/'] = call.rest.split(' ');
    return {
      ...shared,
      kind: 'rest',
      method: method as RestBinding['method'],
      path,
      ...(call.query === undefined ? {} : { query: call.query as Record<string, Json> }),
      ...(call.headers === undefined ? {} : { headers: call.headers as Record<string, Json> }),
      ...(call.cookies === undefined ? {} : { cookies: call.cookies as Record<string, Json> }),
      ...(call.body === undefined ? {} : { body: call.body as Json }),
      ...(call.body_as === undefined ? {} : { bodyAs: call.body_as }),
      ...(call.body_type === undefined ? {} : { bodyType: call.body_type }),
      ...(call.accept === undefined ? {} : { accept: call.accept }),
      ...(call.answer_as === undefined ? {} : { answerAs: call.answer_as }),
      ...(call.pages === undefined ? {} : { pages: toPages(call.pages) }),
      ...(call.styles === undefined ? {} : { styles: call.styles as NonNullable<RestBinding['styles']> }),
      ...(call.parts === undefined ? {} : { parts: call.parts as NonNullable<RestBinding['parts']> }),
    };
  }
  if ('graphql' in call)
    return {
      ...shared,
      kind: 'graphql',
      document: call.graphql,
      ...(call.variables === undefined ? {} : { variables: call.variables as Record<string, Json> }),
    };
  if ('mcp' in call) {
    const required = input.required ?? [];
    const members = Object.entries(input.properties ?? {});
    return {
      ...shared,
      kind: 'mcp',
      tool: call.mcp,
      members: members.map(([name, { default: given }]) => ({
        name,
        required: required.includes(name) || given !== undefined,
      })),
      ...(call.arguments === undefined ? {} : { arguments: call.arguments as Record<string, Json> }),
    };
  }
  const [service = '', method = ''] = call.grpc.split('/');
  return {
    ...shared,
    kind: 'grpc',
    service,
    method,
    ...(call.message === undefined ? {} : { message: call.message as Json }),
  };
};

const toPages = ({
  most_items: mostItems,
  ...pages
}: NonNullable<Extract<IntentDocument['call'], { rest: string }>['pages']>) =>
  ({ ...pages, ...(mostItems === undefined ? {} : { mostItems }) }) as NonNullable<RestBinding['pages']>;

/** Names of the slots in a path template. */
export const pathSlots = (path: string): string[] => [...path.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? '');

export interface BindingFault {
  /** Below `call`. */
  readonly path: readonly (string | number)[];
  /** From the beginning of the text that stands there. */
  readonly offset?: number;
  readonly message: string;
}

/**
 * Finds path slots, references and expressions that the input does not know, path slots that may be absent, and what a
 * mapping makes that the output does not know.
 */
export const checkBinding = (
  binding: Binding,
  { input, output }: { readonly input: JsonSchema; readonly output: JsonSchema | undefined },
  library: Pick<SchemaLibrary, 'resolveRef' | 'validator'>,
): BindingFault[] => {
  const faults: BindingFault[] = [];
  const properties = Object.keys(input.properties ?? {});
  if (binding.kind === 'rest')
    for (const slot of pathSlots(binding.path)) {
      const schema = schemaAt(input, [slot], library.resolveRef);
      if (schema === undefined)
        faults.push({
          path: ['rest'],
          message: `{${slot}} in the path is not a property of the input.${didYouMean(slot, properties)}`,
        });
      else if (!(input.required ?? []).includes(slot) && schema.default === undefined)
        faults.push({
          path: ['rest'],
          message: `{${slot}} in the path must be required in the input, or have a default.`,
        });
    }
  const templates: [string, unknown][] =
    binding.kind === 'rest'
      ? [
          ['query', binding.query],
          ['headers', binding.headers],
          ['cookies', binding.cookies],
          ['body', binding.body],
          ['parts', binding.parts],
        ]
      : binding.kind === 'graphql'
        ? [['variables', binding.variables]]
        : binding.kind === 'mcp'
          ? [['arguments', binding.arguments]]
          : [['message', binding.message]];
  for (const [key, template] of templates) faults.push(...checkReads(template, [key], input, library));
  if (binding.mapped !== undefined) {
    // A method that streams is mapped message by message.
    const items = output && library.resolveRef(output).items;
    const made = binding.kind === 'grpc' && isObject(items) ? items : output;
    faults.push(...checkMakes(binding.mapped, ['result'], made && library.resolveRef(made), library));
  }
  return faults;
};
