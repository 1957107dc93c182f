import { checkBinding, toBinding } from './binding.ts';
import { type Catalogue, catalogueOf, type Entity, type EntityLookup } from './catalogue.ts';
import { checkSchema, closeObjects, schemaAt } from './check-schema.ts';
import { checkOf, faultOfCheck } from './check-write.ts';
import type { Deprecation, Example, Intent } from './contract.ts';
import {
  type IntentDocument,
  intentDocument,
  knownIntentKeys,
  ontologyDocument,
  schemasDocument,
} from './contract-document.ts';
import { didYouMean } from './did-you-mean.ts';
import { checkLookup, toLookup } from './entity-lookup.ts';
import { checkRead } from './entity-read.ts';
import { parseExample } from './example.ts';
import type { Finding } from './findings.ts';
import { type Input, isObject, type JsonSchema, pointerPath } from './json.ts';
import { placeIn } from './mapping/place.ts';
import { type SchemaLibrary, schemaLibrary } from './schema-library.ts';
import { type Source, zodFindings } from './source.ts';
import { checkVersions } from './versions/check-versions.ts';
import { toForward } from './versions/forward.ts';

/**
 * Loads contracts, ontologies and shared schemas from documents of any of the three kinds.
 * @returns a catalogue of what is right, and everything that is wrong, all at once; serve only without errors
 */
export const loadCatalogue = (sources: readonly Source[]): { catalogue: Catalogue; findings: Finding[] } => {
  const findings: Finding[] = [];
  const refs = new Map<string, { schema: JsonSchema; source: Source; path: readonly string[] }>();
  const entities: Entity[] = [];
  const lookups: { source: Source; entity: string; lookup: EntityLookup }[] = [];
  const reads: { source: Source; entity: string; read: string }[] = [];
  const drafts: { source: Source; document: IntentDocument }[] = [];
  const define = (ref: string, schema: JsonSchema, source: Source, path: readonly string[]) => {
    if (refs.has(ref)) findings.push(finding(source, path, 'ontology.duplicate', `"${ref}" is defined twice.`));
    else refs.set(ref, { schema, source, path });
  };

  for (const source of sources) {
    const kind = isObject(source.value) ? kindOf(source.value) : undefined;
    if (kind === 'intent') {
      const parsed = intentDocument.safeParse(source.value);
      if (parsed.success) drafts.push({ source, document: parsed.data });
      else findings.push(...zodFindings(parsed.error, source, 'intent', knownIntentKeys));
    } else if (kind === 'ontology') {
      const parsed = ontologyDocument.safeParse(source.value);
      if (!parsed.success) {
        findings.push(...zodFindings(parsed.error, source, 'ontology'));
        continue;
      }
      for (const [name, { id, attributes, synonyms, description = '', resolve, read }] of Object.entries(
        parsed.data.entities,
      )) {
        define(`ontology:${name}.id`, id, source, ['entities', name, 'id']);
        for (const [attribute, schema] of Object.entries(attributes))
          define(`ontology:${name}.${attribute}`, schema, source, ['entities', name, 'attributes', attribute]);
        const lookup = resolve === undefined ? undefined : toLookup(resolve);
        entities.push({
          name,
          description,
          synonyms,
          id,
          attributes,
          ...(lookup && { resolve: lookup }),
          ...(read !== undefined && { read }),
        });
        if (lookup !== undefined) lookups.push({ source, entity: name, lookup });
        if (read !== undefined) reads.push({ source, entity: name, read });
      }
      for (const [name, schema] of Object.entries(parsed.data.types))
        define(`ontology:${name}`, schema, source, ['types', name]);
    } else if (kind === 'schemas') {
      const parsed = schemasDocument.safeParse(source.value);
      if (!parsed.success) findings.push(...zodFindings(parsed.error, source, 'schema'));
      else
        for (const [name, schema] of Object.entries(parsed.data.schemas))
          define(`schema:${name}`, schema, source, ['schemas', name]);
    } else
      findings.push(
        finding(
          source,
          [],
          'file.kind',
          'This is no intent, ontology or schemas file: its first key says which ("intent:", "ontology:" or "schemas:").',
        ),
      );
  }

  const library = schemaLibrary(new Map([...refs].map(([ref, { schema }]) => [ref, schema])));
  for (const { schema, source, path } of refs.values())
    for (const fault of checkSchema(schema, library))
      findings.push(finding(source, [...path, ...fault.path], `ontology.${fault.code}`, fault.message, 'key'));

  const intents: Intent[] = [];
  const disabled: Intent[] = [];
  const seen = new Map<string, Intent>();
  const names = new Set(drafts.map(({ document }) => document.intent));
  for (const { source, document } of drafts) {
    const { intent, findings: found } = toIntent(source, document, library);
    findings.push(...found);
    if (intent === undefined) continue;
    const twin = seen.get(intent.id);
    if (twin !== undefined) {
      findings.push(
        finding(
          source,
          ['intent'],
          'intent.duplicate',
          `${intent.id} is already defined in ${twin.source.file}:${twin.source.line}. Two versions of one name need two majors.`,
        ),
      );
      continue;
    }
    seen.set(intent.id, intent);
    if (intent.undo !== undefined && !names.has(intent.undo))
      findings.push(
        finding(source, ['undo'], 'intent.undo', `"${intent.undo}" is not an intent.${didYouMean(intent.undo, names)}`),
      );
    if (intent.entity !== undefined && !entities.some(({ name }) => name === intent.entity))
      findings.push(
        finding(
          source,
          ['entity'],
          'intent.entity',
          `"${intent.entity}" is not an entity of the ontology.${didYouMean(
            intent.entity,
            entities.map(({ name }) => name),
          )}`,
        ),
      );
    if (document.disabled === undefined) intents.push(intent);
    else {
      disabled.push(intent);
      const message = `${intent.id} is disabled: ${document.disabled}.`;
      findings.push({ ...finding(source, ['disabled'], 'intent.disabled', message), severity: 'warning' });
    }
  }
  const offered = drafts.filter(({ document }) => document.disabled === undefined);
  // What a broken intent makes of them would only confuse.
  if (intents.length + disabled.length === drafts.length)
    for (const [index, intent] of intents.entries()) {
      const fault = faultOfCheck(intent, intents, library.resolveRef);
      if (fault !== undefined)
        findings.push(
          finding((offered[index] as (typeof drafts)[0]).source, [fault.member], 'intent.check', fault.message),
        );
    }
  if (intents.length + disabled.length === drafts.length) {
    for (const [index, intent] of intents.entries())
      for (const { severity, path, message } of checkVersions(intent, [...intents, ...disabled], library))
        findings.push({
          ...finding((offered[index] as (typeof drafts)[0]).source, path, `intent.${path[0]}`, message),
          severity,
        });
    for (const { source, entity, lookup } of lookups)
      for (const { member, message } of checkLookup(lookup, [...intents, ...disabled], library.resolveRef))
        findings.push(finding(source, ['entities', entity, 'resolve', member], 'ontology.resolve', message));
    for (const { source, entity, read } of reads) {
      const message = checkRead(entity, read, intents, library.resolveRef);
      if (message !== undefined) findings.push(finding(source, ['entities', entity, 'read'], 'ontology.read', message));
    }
  }
  return { catalogue: catalogueOf(intents, entities, library, disabled), findings };
};

const kindOf = (value: Record<string, unknown>) =>
  (['intent', 'ontology', 'schemas'] as const).find((kind) => Object.hasOwn(value, kind));

const finding = (
  source: Source,
  path: readonly PropertyKey[],
  code: string,
  message: string,
  on: 'key' | 'value' = 'value',
): Finding => ({ severity: 'error', file: source.file, ...source.at(path, on), code, message });

const toIntent = (
  source: Source,
  document: IntentDocument,
  library: SchemaLibrary,
): { intent?: Intent; findings: Finding[] } => {
  const findings: Finding[] = [];
  const wrong = (path: readonly PropertyKey[], code: string, message: string, on: 'key' | 'value' = 'value') =>
    findings.push(finding(source, path, `intent.${code}`, message, on));

  for (const [index, earlier] of (document.from ?? []).entries())
    for (const part of ['input', 'output'] as const)
      for (const fault of earlier[part] === undefined ? [] : checkSchema(earlier[part], library))
        wrong(['from', index, part, ...fault.path], fault.code, fault.message, 'key');
  for (const part of ['input', 'output'] as const)
    for (const fault of document[part] === undefined ? [] : checkSchema(document[part], library))
      wrong([part, ...fault.path], fault.code, fault.message, 'key');
  if (document.input.type !== 'object')
    wrong(['input'], 'input-type', 'The input is an object: write "type: object" with its properties.', 'key');
  const properties = Object.keys(document.input.properties ?? {});
  for (const [index, name] of (document.input.required ?? []).entries())
    if (!properties.includes(name))
      wrong(
        ['input', 'required', index],
        'required',
        `"${name}" is required but is not a property.${didYouMean(name, properties)}`,
      );
  if (findings.length > 0) return { findings };

  const input = closeObjects(document.input);
  const call = toBinding(document.call, input);
  for (const { path, offset, message } of checkBinding(call, { input, output: document.output }, library))
    findings.push({
      severity: 'error',
      file: source.file,
      ...placeIn(source, ['call', ...path], offset),
      code: 'intent.binding',
      message,
    });
  if (call.kind === 'rest' && call.pages !== undefined && document.effect !== 'read')
    wrong(['call', 'pages'], 'binding', '"pages" are for an intent that reads: a page is asked for again and again.');
  if (document.sinks === undefined && document.effect !== 'read')
    wrong(
      ['effect'],
      'sinks',
      `A ${document.effect} intent names its sinks: the inputs that decide where its effect lands ("sinks: [/${properties[0] ?? ''}]", or "sinks: []").`,
    );
  for (const [index, sink] of (document.sinks ?? []).entries())
    if (schemaAt(input, pointerPath(sink), library.resolveRef) === undefined)
      wrong(['sinks', index], 'sinks', `${sink} is not in the input.${didYouMean(sink.slice(1), properties)}`);

  const examples: Example[] = [];
  for (const [index, written] of document.examples.entries()) {
    const ask = typeof written === 'string' ? written : written.ask;
    try {
      const example = parseExample(ask, typeof written === 'string' ? undefined : (written.input as Input | undefined));
      const slots = [...example.annotations.map(({ slot }) => slot), ...Object.keys(example.input)];
      for (const slot of new Set(slots))
        if (schemaAt(input, slot.split('/'), library.resolveRef) === undefined)
          wrong(
            ['examples', index],
            'example',
            `"${slot}" is not a property of the input.${didYouMean(slot, properties)}`,
          );
      examples.push(example);
    } catch (error) {
      wrong(['examples', index], 'example', `The example "${ask.slice(0, 60)}": ${(error as Error).message}.`);
    }
  }
  if (findings.length > 0) return { findings };

  const { intent: name, version, title, description, effect, purposes, entity, output, undo } = document;
  const major = Number(version.split('.')[0]);
  return {
    findings,
    intent: {
      name,
      version,
      major,
      id: `${name}@${major}`,
      title,
      description,
      effect,
      purposes,
      entity,
      examples,
      input,
      output,
      call,
      undo,
      ...(document.idempotent && { idempotent: true }),
      ...(document.check !== undefined && { check: checkOf(document.check) }),
      ...(document.deprecated !== undefined && { deprecated: document.deprecated as Deprecation }),
      ...(document.from !== undefined && { from: document.from.map(toForward) }),
      sinks: document.sinks ?? [],
      outputMode: document.output_mode,
      source: { file: source.file, ...source.at(['intent']) },
    },
  };
};
