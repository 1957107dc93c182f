import { createHash } from 'node:crypto';
import type { Intent } from '../intents/contract.ts';
import { didYouMean } from '../intents/did-you-mean.ts';
import type { Finding } from '../intents/findings.ts';
import type { JsonSchema } from '../intents/json.ts';
import type { Source } from '../intents/source.ts';
import { findDoubtful } from './analyse.ts';
import { createBundle } from './bundle.ts';
import { collectNames, type Names, placeOf, type Tell, type Written } from './collect.ts';
import { compileRule, conditional, obligationsIn } from './compile-rule.ts';
import { obligationNames, type RuleDocument, ruleKindOf } from './document.ts';
import { parsePolicy } from './parse.ts';
import type { Rule } from './rules.ts';
import { type Bundle, bands } from './types.ts';

export interface LoadOptions {
  /** Looks through `ontology:` and `schema:` references of input schemas. */
  readonly resolveRef: (schema: JsonSchema) => JsonSchema;
  /** Makes the ids of decisions. */
  readonly newId: () => string;
}

/** A rule as it stands in a file. */
export interface RuleText {
  readonly written: RuleDocument;
  readonly source: Source;
  readonly path: readonly PropertyKey[];
  readonly rule: Rule;
}

/**
 * Compiles policy files into one bundle. Purposes, subjects and other names are shared by all files; rules stand in the
 * order of the files.
 * @returns everything that is wrong, at once; a bundle, and what is merely doubtful, only where there is no error
 */
export const loadPolicies = (
  sources: readonly Source[],
  catalogue: readonly Intent[],
  options: LoadOptions,
): { bundle: Bundle | undefined; findings: Finding[]; texts: readonly RuleText[]; names: Names | undefined } => {
  const findings: Finding[] = [];
  const tell: Tell = (severity, source, path, code, message, on = 'value') =>
    findings.push({ severity, file: source.file, ...source.at(path, on), code: `policy.${code}`, message });

  const documents = sources.flatMap((source): (Written & { readonly places: readonly number[] })[] => {
    const { value, places, faults } = parsePolicy(source);
    findings.push(...faults);
    return value === undefined ? [] : [{ value, source, places }];
  });
  // What leans on names that could not be read would be told as wrong too.
  if (documents.length < sources.length) return { bundle: undefined, findings, texts: [], names: undefined };

  const names = collectNames(documents, catalogue, options.resolveRef, tell);
  const reachedBy = reaching(catalogue, names);
  const texts: RuleText[] = [];
  const seen = new Map<string, string>();
  for (const { value, source, places } of documents)
    for (const [position, written] of value.rules.entries()) {
      const index = places[position] ?? position;
      const kind = ruleKindOf(written) ?? 'deny';
      const id = String((written as Record<string, unknown>)[kind]);
      const path = ['rules', index];
      const place = placeOf(source, path);
      const before = seen.get(id);
      if (before !== undefined)
        tell('error', source, [...path, kind], 'duplicate', `The rule "${id}" already stands at ${before}.`);
      seen.set(id, place);
      checkNames(written, source, path, names, tell);
      const reached = reachedBy(written);
      const placed = { kind, id, place, tenant: value.tenant, order: texts.length };
      const rule = compileRule(written, placed, reached, names, (fault) =>
        tell('error', source, [...path, 'when', ...fault.at], 'condition', fault.message, 'key'),
      );
      const fault = bandFault(rule);
      if (fault !== undefined) tell('error', source, [...path, 'when', '/rep/band'], 'reputation', fault, 'key');
      texts.push({ written, source, path, rule });
    }

  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) return { bundle: undefined, findings: errors, texts, names };
  findDoubtful(documents, texts, names, catalogue, tell);
  const hash = createHash('sha256')
    .update(JSON.stringify(sources.map(({ text }) => text)))
    .digest('hex');
  const bundle = createBundle({
    hash,
    purposes: new Set(names.purposes.keys()),
    rules: texts.map(({ rule }) => rule),
    capabilities: names.capabilities,
    aggregates: [...names.aggregates.values()],
    sinks: names.sinks,
    catalogue,
    newId: options.newId,
  });
  return { bundle, findings, texts, names };
};

/** Reputation narrows: whoever is in a worse band may never do what somebody in a better one may not. */
const bandFault = ({ kind, parts }: Rule): string | undefined => {
  const part = parts.find(({ path }) => path === '/rep/band');
  if (part === undefined) return undefined;
  if (kind === 'allow') return 'No band permits anything. Ask for it in a "deny" or a "require".';
  const holds = bands.map((band) => part.test(band) === true);
  return holds.some((here, at) => here && holds.slice(at + 1).includes(false))
    ? `A ${kind} that holds for one band holds for every worse one as well: write "in" with the last of ${bands.join(', ')}.`
    : undefined;
};

/** Tells the intents that a rule is about, in the order of the catalogue. */
const reaching = (catalogue: readonly Intent[], { capabilities }: Names) => {
  const places = new Map(catalogue.map(({ id }, place) => [id, place]));
  return (written: RuleDocument): Intent[] => {
    const effects = conditional(written)?.effects;
    const able = written.can?.flatMap((name) => [...(capabilities.get(name) ?? [])]);
    const wanted =
      able === undefined
        ? catalogue
        : [...new Set(able)]
            .flatMap((id) => places.get(id) ?? [])
            .sort((a, b) => a - b)
            .flatMap((place) => catalogue[place] ?? []);
    return wanted.filter(({ effect }) => effects === undefined || effects.includes(effect));
  };
};

/** Every name in a rule must stand for something. */
const checkNames = (
  written: RuleDocument,
  source: Source,
  path: readonly PropertyKey[],
  names: Names,
  tell: Tell,
): void => {
  const unknown = (at: readonly PropertyKey[], code: string, message: string, name: string, known: Iterable<string>) =>
    tell('error', source, [...path, ...at], code, `${message}${didYouMean(name, known)}`);
  for (const [position, name] of (written.who ?? []).entries())
    if (!names.subjects.has(name))
      unknown(['who', position], 'subject', `There is no subject "${name}".`, name, names.subjects.keys());
  for (const [position, name] of (written.can ?? []).entries())
    if (!names.capabilities.has(name))
      unknown(['can', position], 'capability', `There is no capability "${name}".`, name, names.capabilities.keys());
  for (const key of ['for', 'notFor'] as const)
    for (const [position, name] of (conditional(written)?.[key] ?? []).entries())
      if (!names.purposes.has(name))
        unknown([key, position], 'purpose', `The purpose "${name}" is not declared.`, name, names.purposes.keys());
  for (const [position, obligation] of obligationsIn(written).entries()) {
    const { rate, stepUp, redact = {} } = obligation;
    const at = ['obligations', position];
    if (Object.keys(obligation).length === 0)
      tell('error', source, [...path, ...at], 'obligation', `An obligation is one of ${obligationNames.join(', ')}.`);
    if (rate !== undefined && !names.rates.has(rate))
      unknown([...at, 'rate'], 'rate', `There is no rate "${rate}" under "rates".`, rate, names.rates.keys());
    const { levels } = names;
    if (stepUp?.acr !== undefined && levels.length > 0 && !levels.includes(stepUp.acr))
      unknown([...at, 'stepUp', 'acr'], 'level', `"${stepUp.acr}" is not one of the levels.`, stepUp.acr, levels);
    for (const [field, mask] of Object.entries(redact))
      if (!names.masks.has(mask))
        unknown([...at, 'redact', field], 'mask', `There is no mask "${mask}".`, mask, names.masks.keys());
  }
};
