import type { Intent, Provenance } from '../intents/contract.ts';
import { didYouMean } from '../intents/did-you-mean.ts';
import type { Finding } from '../intents/findings.ts';
import { type Input, type Json, pointerSegment } from '../intents/json.ts';
import { type Source, zodFindings } from '../intents/source.ts';
import { type Fixture, type PolicyCase, type PolicyCases, policyCasesDocument } from './cases-document.ts';
import { isWithin } from './purposes.ts';
import { obligationText } from './record.ts';
import type { Asked, Bundle, Decision } from './types.ts';

export interface CaseResult {
  readonly name: string;
  /** `file:line:column`. */
  readonly place: string;
  /** What differs from what was expected, in words; undefined where nothing does. */
  readonly difference: string | undefined;
  readonly decision: Decision | undefined;
  /** Undefined where the case speaks of what is not there. */
  readonly asked: Asked | undefined;
}

/** Runs every case of a file against a bundle, and every combination of its matrix. @returns findings where the file itself is wrong */
export const runPolicyCases = (
  source: Source,
  bundle: Bundle,
  catalogue: readonly Intent[],
): { suite: string; results: CaseResult[]; findings: Finding[] } => {
  const parsed = policyCasesDocument.safeParse(source.value);
  if (!parsed.success) return { suite: '', results: [], findings: zodFindings(parsed.error, source, 'case') };
  const run = { file: parsed.data, bundle, catalogue };
  const placeOf = (path: readonly PropertyKey[]) => {
    const { line, column } = source.at(path);
    return `${source.file}:${line}:${column}`;
  };
  const cases = parsed.data.cases.map((one, index) => runCase(one, placeOf(['cases', index]), run));
  const { matrix } = parsed.data;
  return {
    suite: parsed.data.suite,
    results: matrix === undefined ? cases : [...cases, ...runMatrix(matrix, placeOf, run)],
    findings: [],
  };
};

interface Run {
  readonly file: PolicyCases;
  readonly bundle: Bundle;
  readonly catalogue: readonly Intent[];
}

const runCase = (one: PolicyCase, place: string, { file, bundle, catalogue }: Run): CaseResult => {
  const name = one.name ?? `${one.as} ${one.intent} for ${one.purpose ?? 'no purpose'}`;
  const fixture = Object.hasOwn(file.fixtures, one.as) ? file.fixtures[one.as] : undefined;
  const intent = catalogue.find(({ id }) => id === one.intent);
  const said = (difference: string | undefined, asked?: Asked, decision?: Decision): CaseResult => ({
    name,
    place,
    difference,
    decision,
    asked,
  });
  if (fixture === undefined) return said(`there is no fixture "${one.as}"`);
  if (intent === undefined) return said(`there is no intent ${one.intent}`);
  // A misspelt purpose would be refused, and so pass for whatever refusal was expected.
  if (one.purpose !== undefined && !bundle.purposes.has(one.purpose))
    return said(`there is no purpose "${one.purpose}".${didYouMean(one.purpose, bundle.purposes)}`);
  if (one.purpose !== undefined && one.expect !== 'deny' && !carries(fixture.purposes, one.purpose))
    return said(`${one.as} does not carry the purpose "${one.purpose}"`);
  const asked = askedOf(one, fixture, intent, file.now);
  const decision = bundle.decide(asked);
  return said(differenceOf(one, decision), asked, decision);
};

/** Every fixture, intent and purpose with each other: what is not listed as permitted must be denied. */
const runMatrix = (
  { as, intents, purposes, in: inputs, permitted }: NonNullable<PolicyCases['matrix']>,
  placeOf: (path: readonly PropertyKey[]) => string,
  run: Run,
): CaseResult[] => {
  const { file, bundle, catalogue } = run;
  const all = {
    as: as === '*' ? Object.keys(file.fixtures) : as,
    intents: intents === '*' ? catalogue.map(({ id }) => id) : intents,
    purposes: purposes === '*' ? [...bundle.purposes] : purposes,
  };
  const place = placeOf(['matrix']);
  const key = (parts: readonly string[]) => parts.join(' ');
  const listed = new Map(permitted.map((parts, index) => [key(parts), index]));
  const results = all.as.flatMap((name) =>
    all.intents.flatMap((intent) =>
      all.purposes.map((purpose): CaseResult => {
        const index = listed.get(key([name, intent, purpose]));
        listed.delete(key([name, intent, purpose]));
        const one = { as: name, intent, purpose, in: inputs[intent] ?? {}, agg: {}, door: 'http' };
        const result = runCase(
          { ...one, expect: 'deny' },
          index === undefined ? place : placeOf(['matrix', 'permitted', index]),
          run,
        );
        if (result.decision === undefined) return result;
        const permits = result.decision.outcome === 'permit';
        if (permits === (index !== undefined)) return { ...result, difference: undefined };
        return {
          ...result,
          difference: permits
            ? `is permitted (${result.decision.reason.admin}), and the matrix does not list it`
            : `is listed as permitted, and denied: ${result.decision.reason.admin}`,
        };
      }),
    ),
  );
  const strays = [...listed].map(
    ([name, index]): CaseResult => ({
      name,
      place: placeOf(['matrix', 'permitted', index]),
      difference: 'is listed as permitted, and is no combination of the matrix',
      decision: undefined,
      asked: undefined,
    }),
  );
  return [...results, ...strays];
};

const askedOf = (one: PolicyCase, fixture: Fixture, intent: Intent, now: string): Asked => {
  const given = Object.fromEntries(
    Object.keys(one.in).map((slot): [string, Provenance] => [`/${pointerSegment(slot)}`, 'input']),
  );
  const { tenant, subject, token, purposes, capabilities, ip, proof, delegations, band } = fixture;
  return {
    principal: {
      tenant,
      ...subject,
      claims: token as Record<string, Json>,
      purposes,
      defaultPurpose: undefined,
      capabilities,
      credential: { kind: 'api-key', id: one.as },
      ...(proof === undefined ? {} : { proof }),
      ...(delegations === undefined ? {} : { delegations }),
    },
    intent,
    input: one.in as Input,
    purpose: one.purpose === undefined ? undefined : { name: one.purpose, source: 'declared' },
    provenance: { ...given, ...one.prov },
    resolution: one.resolution ?? { tier: 'direct', confidence: 1, margin: 1 },
    context: { now: new Date(one.now ?? now), ip: one.ip ?? ip, door: one.door },
    totals: new Map(Object.entries(one.agg)),
    ...(band === undefined ? {} : { band }),
  };
};

const carries = (purposes: readonly string[], asked: string): boolean =>
  purposes.some((carried) => isWithin(asked, carried));

const differenceOf = (
  { expect, by, unknown = [], obligations = [] }: PolicyCase,
  decision: Decision,
): string | undefined => {
  const confirms = decision.obligations.some(({ type }) => type === 'confirm');
  const got = decision.outcome === 'deny' ? 'deny' : confirms ? 'confirm' : 'permit';
  if (got !== expect) return `expected ${expect}, got ${got}: ${decision.reason.admin} (${decision.reason.user})`;
  const fired = [...decision.rules.allow, ...decision.rules.deny, ...decision.rules.require];
  if (by !== undefined && !fired.includes(by)) return `expected the rule ${by}; ${fired.join(', ') || 'none'} fired`;
  const held = decision.obligations.map(obligationText);
  const lacking = obligations.filter((text) => !held.includes(text));
  if (lacking.length > 0) return `expected ${lacking.join(', ')} to be asked for; ${held.join(', ') || 'nothing'} was`;
  const missing = unknown.filter((path) => !decision.unknown.some((one) => one.path === path));
  return missing.length === 0
    ? undefined
    : `expected ${missing.join(', ')} to be unknown; ${decision.unknown.map(({ path }) => path).join(', ') || 'nothing'} was`;
};
