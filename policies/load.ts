import { createHash } from 'node:crypto';
import type { Intent } from '../intents/contract.ts';
import { didYouMean } from '../intents/did-you-mean.ts';
import type { Finding } from '../intents/findings.ts';
import type { JsonSchema } from '../intents/json.ts';
import type { Source } from '../intents/source.ts';
import { createBundle } from './bundle.ts';
import { allOf, compileRule, conditional, partsOf } from './compile-rule.ts';
import type { Condition } from './conditions.ts';
import { type PolicyDocument, ruleKindOf } from './document.ts';
import { parsePolicy } from './parse.ts';
import { admits, type Rule } from './rules.ts';
import type { Bundle } from './types.ts';

export interface LoadOptions {
  /** Looks through `ontology:` and `schema:` references of input schemas. */
  readonly resolveRef: (schema: JsonSchema) => JsonSchema;
  /** Makes the ids of decisions. */
  readonly newId: () => string;
}

interface Named<T> {
  readonly value: T;
  readonly source: Source;
}

/**
 * Compiles policy files into one bundle. Purposes, subjects and capabilities are shared by all files; rules stand in
 * the order of the files.
 * @returns everything that is wrong, at once; a bundle, and what is merely doubtful, only where there is no error
 */
export const loadPolicies = (
  sources: readonly Source[],
  catalogue: readonly Intent[],
  options: LoadOptions,
): { bundle: Bundle | undefined; findings: Finding[] } => {
  const findings: Finding[] = [];
  const tell = (
    severity: Finding['severity'],
    source: Source,
    path: readonly PropertyKey[],
    code: string,
    message: string,
    on: 'key' | 'value' = 'value',
  ) => findings.push({ severity, file: source.file, ...source.at(path, on), code: `policy.${code}`, message });

  const documents = sources.flatMap((source): Named<PolicyDocument>[] => {
    const { value, faults } = parsePolicy(source);
    findings.push(...faults);
    return value === undefined ? [] : [{ value, source }];
  });
  if (findings.length > 0) return { bundle: undefined, findings };

  const purposes = new Map<string, string>();
  const byId = new Map(catalogue.map((intent) => [intent.id, intent]));
  const subjects = new Map<string, Named<Condition>>();
  const capabilities = new Map<string, Named<ReadonlySet<string>>>();

  for (const { value, source } of documents) {
    for (const [index, name] of value.purposes.entries()) {
      const at = ['purposes', index];
      const before = purposes.get(name);
      if (before === undefined) purposes.set(name, placeOf(source, at));
      else tell('error', source, at, 'duplicate', `The purpose "${name}" already stands at ${before}.`);
    }
    for (const [name, { match }] of Object.entries(value.subjects)) {
      const before = subjects.get(name);
      if (before !== undefined)
        tell(
          'error',
          source,
          ['subjects', name],
          'duplicate',
          `The subject "${name}" already stands at ${placeOf(before.source, ['subjects', name])}.`,
          'key',
        );
      const parts = partsOf(match, [], options.resolveRef, true, (fault) =>
        tell('error', source, ['subjects', name, 'match', ...fault.at], 'condition', fault.message, 'key'),
      );
      subjects.set(name, { value: allOf(parts), source });
    }
    for (const [name, { intents, effect }] of Object.entries(value.capabilities)) {
      const before = capabilities.get(name);
      if (before !== undefined)
        tell(
          'error',
          source,
          ['capabilities', name],
          'duplicate',
          `The capability "${name}" already stands at ${placeOf(before.source, ['capabilities', name])}.`,
          'key',
        );
      for (const [index, id] of intents.entries()) {
        const at = ['capabilities', name, 'intents', index];
        const intent = byId.get(id);
        if (intent === undefined)
          tell('error', source, at, 'intent', `There is no intent ${id}.${didYouMean(id, byId.keys())}`);
        else if (effect !== undefined && intent.effect !== effect)
          tell('error', source, at, 'effect', `${id} is ${intent.effect}, but the capability says ${effect}.`);
      }
      capabilities.set(name, { value: new Set(intents), source });
    }
  }

  const rules: Rule[] = [];
  const seen = new Map<string, string>();
  const used = new Set<string>();
  for (const { value, source } of documents)
    for (const [index, written] of value.rules.entries()) {
      const kind = ruleKindOf(written) ?? 'deny';
      const id = String((written as Record<string, unknown>)[kind]);
      const here: readonly PropertyKey[] = ['rules', index];
      const place = placeOf(source, here);
      const before = seen.get(id);
      if (before !== undefined)
        tell('error', source, [...here, kind], 'duplicate', `The rule "${id}" already stands at ${before}.`);
      seen.set(id, place);
      for (const [position, name] of (written.who ?? []).entries())
        if (!subjects.has(name))
          tell(
            'error',
            source,
            [...here, 'who', position],
            'subject',
            `There is no subject "${name}".${didYouMean(name, subjects.keys())}`,
          );
      for (const [position, name] of (written.can ?? []).entries()) {
        used.add(name);
        if (!capabilities.has(name))
          tell(
            'error',
            source,
            [...here, 'can', position],
            'capability',
            `There is no capability "${name}".${didYouMean(name, capabilities.keys())}`,
          );
      }
      for (const key of ['for', 'notFor'] as const)
        for (const [position, name] of (conditional(written)?.[key] ?? []).entries())
          if (!purposes.has(name))
            tell(
              'error',
              source,
              [...here, key, position],
              'purpose',
              `The purpose "${name}" is not declared.${didYouMean(name, purposes.keys())}`,
            );
      const effects = conditional(written)?.effects;
      const reached = catalogue.filter(
        (intent) =>
          (written.can === undefined || written.can.some((name) => capabilities.get(name)?.value.has(intent.id))) &&
          (effects === undefined || effects.includes(intent.effect)),
      );
      const rule = compileRule(
        written,
        kind,
        id,
        place,
        value.tenant,
        rules.length,
        reached,
        subjects,
        options.resolveRef,
        (fault) => tell('error', source, [...here, 'when', ...fault.at], 'condition', fault.message, 'key'),
      );
      rules.push(rule);
      if (reached.length === 0)
        tell('warning', source, [...here, kind], 'dead-rule', `The rule "${id}" reaches no intent.`);
      else if (
        kind === 'allow' &&
        ![...purposes.keys()].some((purpose) => reached.some((intent) => admits(rule, intent, purpose))) &&
        purposes.size > 0
      )
        tell('warning', source, [...here, kind], 'dead-rule', `No purpose reaches the rule "${id}".`);
    }

  const first = documents[0];
  // A set-up that has just been imported has no rules yet: one warning says more than one for each capability.
  if (first !== undefined && rules.length === 0)
    tell('warning', first.source, ['rules'], 'no-rules', 'There is no rule, so everything is denied.', 'key');
  for (const [name, { source }] of rules.length === 0 ? [] : capabilities)
    if (!used.has(name))
      tell('warning', source, ['capabilities', name], 'unused', `No rule speaks of the capability "${name}".`, 'key');
  const covered = new Set([...capabilities.values()].flatMap(({ value }) => [...value]));
  const uncovered = catalogue.filter(({ id }) => !covered.has(id)).map(({ id }) => id);
  if (first !== undefined && uncovered.length > 0)
    tell(
      'warning',
      first.source,
      ['capabilities'],
      'uncovered',
      `No capability names ${uncovered.slice(0, 5).join(', ')}${uncovered.length > 5 ? ` and ${uncovered.length - 5} more` : ''}: nobody can call what no capability names.`,
      'key',
    );

  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) return { bundle: undefined, findings: errors };
  const hash = createHash('sha256')
    .update(JSON.stringify(sources.map(({ text }) => text)))
    .digest('hex');
  const names = new Map([...capabilities].map(([name, { value }]) => [name, value]));
  return {
    bundle: createBundle({
      hash,
      purposes: new Set(purposes.keys()),
      rules,
      capabilities: names,
      catalogue,
      newId: options.newId,
    }),
    findings,
  };
};

/** `file:line:column` of what a path names. */
const placeOf = (source: Source, path: readonly PropertyKey[]): string => {
  const { line, column } = source.at(path, 'key');
  return `${source.file}:${line}:${column}`;
};
