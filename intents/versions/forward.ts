import { closeObjects, schemaAt } from '../check-schema.ts';
import type { Deprecation, Forward, Intent, Template } from '../contract.ts';
import type { IntentDocument } from '../contract-document.ts';
import { didYouMean } from '../did-you-mean.ts';
import { type Input, isObject, type Json, type JsonSchema, valueAt } from '../json.ts';
import type { SchemaLibrary } from '../schema-library.ts';
import { compileInput } from '../validate.ts';
import { faultsOfFit } from './fits.ts';

/** How callers of an earlier major are served by this one. */
export const toForward = ({
  major,
  input,
  map,
  output,
  answer,
  deprecated,
}: NonNullable<IntentDocument['from']>[0]): Forward => ({
  major,
  input: closeObjects(input),
  map: (map ?? {}) as Readonly<Record<string, Template>>,
  ...(output === undefined ? {} : { output }),
  ...(answer === undefined ? {} : { answer: answer as Readonly<Record<string, Template>> }),
  ...(deprecated && { deprecated: deprecated as Deprecation }),
});

export interface ForwardFault {
  readonly severity: 'error' | 'warning';
  /** Below the entry of `from`. */
  readonly path: readonly string[];
  readonly message: string;
}

/** Finds what cannot work (an error), and old inputs that this major may refuse (a warning). */
export const checkForward = (
  { major, input, map }: Forward,
  intent: Intent,
  library: SchemaLibrary,
): ForwardFault[] => {
  const faults: ForwardFault[] = [];
  const wrong = (path: readonly string[], message: string, severity: ForwardFault['severity'] = 'error') =>
    faults.push({ severity, path, message });
  const members = intent.input.properties ?? {};
  if (major >= intent.major) wrong(['major'], `${major} is no major before ${intent.major}.`);
  const mapped: Record<string, JsonSchema> = {};
  const sure: string[] = [];
  for (const [name, schema] of Object.entries(members)) {
    const template = Object.hasOwn(map, name)
      ? map[name]
      : Object.hasOwn(input.properties ?? {}, name)
        ? `$.${name}`
        : undefined;
    if (template === undefined) continue;
    const path = Object.hasOwn(map, name) ? ['map', name] : ['input', 'properties', name];
    for (const reference of referencesOf(template))
      if (schemaAt(input, reference.slice(2).split('.'), library.resolveRef) === undefined)
        wrong(path, `${reference} refers to nothing in the input of major ${major}.`);
    if (faults.some((fault) => fault.path === path)) continue;
    if (isReference(template)) {
      const steps = template.slice(2).split('.');
      const found = schemaAt(input, steps, library.resolveRef) as JsonSchema;
      mapped[name] = found;
      if (isSure(input, steps, library)) sure.push(name);
      if (faultsOfFit(found, library, schema, library, false).length > 0)
        wrong(
          path,
          `Some of what ${template} may be in major ${major} does not fit "${name}" in major ${intent.major}; such a call is refused.`,
          'warning',
        );
    } else if (referencesOf(template).length === 0) {
      sure.push(name);
      if (!library.validator(schema)(template)) wrong(path, `This does not fit "${name}" in major ${intent.major}.`);
    } else sure.push(name);
  }
  for (const name of Object.keys(map))
    if (!Object.hasOwn(members, name))
      wrong(['map', name], `"${name}" is not a property of the input.${didYouMean(name, Object.keys(members))}`);
  for (const name of intent.input.required ?? [])
    if (!sure.includes(name) && library.resolveRef(members[name] ?? {}).default === undefined)
      wrong(
        ['map'],
        `"${name}" is required in major ${intent.major}: map it to a constant, or to what major ${major} requires.`,
      );
  return faults;
};

/** Whether a path surely leads somewhere in every input. */
const isSure = (input: JsonSchema, [name = '', ...rest]: readonly string[], library: SchemaLibrary): boolean => {
  const here = library.resolveRef(input);
  const inner = here.properties?.[name];
  const there =
    here.required?.includes(name) || (inner !== undefined && library.resolveRef(inner).default !== undefined);
  return there && (rest.length === 0 || isSure(inner ?? {}, rest, library));
};

/** What an old input is in this major. */
export interface Forwarded {
  readonly checked: ReturnType<ReturnType<typeof compileInput>>;
  /** Only where the old input was right. */
  readonly input: Input;
  /** Members that the contract says, and nobody who calls. */
  readonly constants: readonly string[];
}

/** Compiles what turns an input of an earlier major into one of this. Members go by name unless `map` says otherwise. */
export const compileForward = (
  forward: Forward,
  intent: Intent,
  library: SchemaLibrary,
): ((input: Input) => Forwarded) => {
  const check = compileInput({ ...intent, input: forward.input }, library);
  const named = Object.keys(intent.input.properties ?? {}).filter((name) => !Object.hasOwn(forward.map, name));
  const constants = Object.keys(forward.map).filter((name) => referencesOf(forward.map[name] as Template).length === 0);
  return (given) => {
    const checked = check(given);
    const input: Record<string, Json> = {};
    for (const name of named) if (Object.hasOwn(checked.input, name)) input[name] = checked.input[name] as Json;
    for (const [name, template] of Object.entries(forward.map)) {
      const value = fillTemplate(template, checked.input);
      if (value !== undefined) input[name] = value;
    }
    return { checked, input, constants };
  };
};

const isReference = (template: Template): template is string =>
  typeof template === 'string' && template.startsWith('$.');

const referencesOf = (template: Template): readonly string[] =>
  isReference(template)
    ? [template]
    : typeof template === 'object' && template !== null
      ? Object.values(template).flatMap(referencesOf)
      : [];

/** What refers to something absent is left out, as in the templates of a binding. */
export const fillTemplate = (template: Template, input: Input): Json | undefined => {
  if (isReference(template)) return valueAt(input, template.slice(2).split('.')) as Json | undefined;
  if (Array.isArray(template)) return template.flatMap((item) => fillTemplate(item, input) ?? []);
  if (!isObject(template)) return template;
  const members = Object.entries(template).map(
    ([name, item]) => [name, fillTemplate(item as Template, input)] as const,
  );
  return Object.fromEntries(members.filter(([, value]) => value !== undefined)) as Json;
};
