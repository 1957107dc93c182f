import { schemaAt } from './check-schema.ts';
import type { Binding, RestBinding } from './contract.ts';
import type { IntentDocument } from './contract-document.ts';
import { isObject, type Json, type JsonSchema } from './json.ts';

/** Turns the `call` of an intent document into a binding. @param input the schema that its values come from */
export const toBinding = (call: IntentDocument['call'], input: JsonSchema): Binding => {
  const shared = { backend: call.backend, ...(call.result === undefined ? {} : { result: call.result }) };
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

/** Names of the slots in a path template. */
export const pathSlots = (path: string): string[] => [...path.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? '');

export interface BindingFault {
  /** Below `call`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Finds path slots and `$.a.b` references that the input schema does not know, and path slots that may be absent. */
export const checkBinding = (
  binding: Binding,
  input: JsonSchema,
  resolveRef: (schema: JsonSchema) => JsonSchema,
): BindingFault[] => {
  const faults: BindingFault[] = [];
  if (binding.kind === 'rest')
    for (const slot of pathSlots(binding.path)) {
      const schema = schemaAt(input, [slot], resolveRef);
      if (schema === undefined)
        faults.push({ path: ['rest'], message: `{${slot}} in the path is not a property of the input.` });
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
  for (const [key, template] of templates)
    for (const { path, reference } of references(template, [key]))
      if (schemaAt(input, reference.slice(2).split('.'), resolveRef) === undefined)
        faults.push({ path, message: `${reference} refers to nothing in the input.` });
  return faults;
};

const references = function* (
  template: unknown,
  path: readonly (string | number)[],
): Generator<{ path: readonly (string | number)[]; reference: string }> {
  if (typeof template === 'string' && template.startsWith('$.')) yield { path, reference: template };
  else if (Array.isArray(template))
    for (const [index, item] of template.entries()) yield* references(item, [...path, index]);
  else if (isObject(template))
    for (const [name, item] of Object.entries(template)) yield* references(item, [...path, name]);
};
