import type { Catalogue } from '../intents/catalogue.ts';
import type { Intent } from '../intents/contract.ts';
import { didYouMean } from '../intents/did-you-mean.ts';
import type { Finding } from '../intents/findings.ts';
import { isObject, type Json, type JsonObject } from '../intents/json.ts';
import type { Principal } from '../policies/types.ts';
import type { AuthzenConfig } from './authzen-document.ts';
import type { LoadedConfig } from './config.ts';
import type { Config } from './config-document.ts';

/** Who asks for decisions, and what it may. */
export interface Asker {
  readonly type: string;
  readonly id: string;
  readonly may: ReadonlySet<'assert' | 'search' | 'explain'>;
  readonly meets: ReadonlySet<'redact' | 'rate'>;
  readonly purposes: readonly string[];
}

/** An action on a type of resource as what it is here. */
export interface Act {
  readonly name: string;
  readonly intent: Intent;
  /** The member of the input that takes the id of the resource; undefined: it is not in the input. */
  readonly idMember: string | undefined;
}

/** What the configuration says of subjects, resources and actions, ready to be looked up. */
export interface Directory {
  readonly url: string;
  readonly tenant: string;
  askerOf(principal: Principal): Asker | undefined;
  subjectsOf(type: string): readonly Principal[];
  subject(type: string, id: string): Principal | undefined;
  resourcesOf(type: string): readonly { readonly id: string; readonly properties: JsonObject }[];
  resource(type: string, id: string): JsonObject | undefined;
  actsOn(resourceType: string): readonly Act[];
  act(resourceType: string, action: string): Act | undefined;
}

export const createDirectory = (
  { tenant, credentials }: Config,
  { url, callers, actions, subjects, resources }: AuthzenConfig,
  catalogue: Catalogue,
): Directory => {
  const askers = new Map(
    callers.map(({ subject: { type, id }, may, meets, purposes }) => [
      key(type, id),
      { type, id, may: new Set(may), meets: new Set(meets), purposes },
    ]),
  );
  const listed = subjects.map(({ type, id, default_purpose: defaultPurpose, claims, purposes, capabilities }) => ({
    tenant,
    type,
    id,
    claims: claims as JsonObject,
    purposes,
    defaultPurpose,
    capabilities,
    credential: { kind: 'api-key', id: `authzen:${type}/${id}` } as const,
  }));
  // Two keys of one subject may carry different things: then it is not told which is meant.
  const holders = Map.groupBy(credentials.keys, ({ subject: { type, id } }) => key(type, id));
  const keyed = [...holders.values()]
    .flatMap((keys) => (keys.length === 1 ? keys : []))
    .map((one) => ({
      tenant,
      type: one.subject.type,
      id: one.subject.id,
      claims: one.claims as JsonObject,
      purposes: one.purposes,
      defaultPurpose: one.default_purpose,
      capabilities: one.capabilities,
      credential: { kind: 'api-key', id: one.id } as const,
    }));
  const principals = new Map([...keyed, ...listed].map((one): [string, Principal] => [key(one.type, one.id), one]));
  const subjectsByType = Map.groupBy(principals.values(), ({ type }) => type);
  const known = new Map(resources.map(({ type, id, properties }) => [key(type, id), properties as JsonObject]));
  const resourcesByType = Map.groupBy(resources, ({ type }) => type);
  const acts = new Map<string, Map<string, Act>>();
  const add = (type: string, act: Act) => acts.set(type, (acts.get(type) ?? new Map()).set(act.name, act));
  for (const intent of catalogue.intents) {
    const type = intent.entity ?? intent.name;
    const act = { intent, idMember: identifierOf(intent, type) };
    add(type, { ...act, name: intent.id });
    if (catalogue.find(intent.name) === intent) add(type, { ...act, name: intent.name });
  }
  for (const { resource, action, intent, id } of actions) {
    const found = catalogue.intents.find((one) => one.id === intent);
    if (found !== undefined)
      add(resource, { name: action, intent: found, idMember: id ?? identifierOf(found, resource) });
  }
  return {
    url,
    tenant,
    askerOf: ({ type, id }) => askers.get(key(type, id)),
    subjectsOf: (type) => subjectsByType.get(type) ?? [],
    subject: (type, id) => principals.get(key(type, id)),
    resourcesOf: (type) => (resourcesByType.get(type) ?? []) as { id: string; properties: JsonObject }[],
    resource: (type, id) => known.get(key(type, id)),
    actsOn: (type) => [...(acts.get(type)?.values() ?? [])],
    act: (type, action) => acts.get(type)?.get(action),
  };
};

const key = (type: string, id: string): string => JSON.stringify([type, id]);

/** The one member that the contract says is the identifier of such a thing. */
const identifierOf = ({ input }: Intent, type: string): string | undefined => {
  const members = Object.entries(input.properties ?? {}).filter(
    ([, schema]) => isObject(schema) && schema.$ref === `ontology:${type}.id`,
  );
  return members.length === 1 ? members[0]?.[0] : undefined;
};

/** What is wrong with the actions of a configuration, beside its shape. */
export const authzenFindings = ({ config, source }: LoadedConfig, catalogue: Catalogue): Finding[] => {
  const ids = catalogue.intents.map(({ id }) => id);
  const findings: Finding[] = [];
  const tell = (path: readonly PropertyKey[], message: string) =>
    findings.push({
      severity: 'error',
      file: source.file,
      ...source.at(['authzen', ...path]),
      code: 'config.authzen',
      message,
    });
  const seen = new Set<string>();
  for (const [index, { resource, action, intent: id, id: member }] of (config.authzen?.actions ?? []).entries()) {
    const intent = catalogue.intents.find((one) => one.id === id);
    if (intent === undefined) tell(['actions', index, 'intent'], `There is no intent "${id}".${didYouMean(id, ids)}`);
    const members = Object.keys(intent?.input.properties ?? {});
    if (intent !== undefined && member !== undefined && !members.includes(member))
      tell(['actions', index, 'id'], `${id} has no field "${member}" in its input.${didYouMean(member, members)}`);
    if (seen.has(key(resource, action)))
      tell(['actions', index], `The action "${action}" on "${resource}" already stands above.`);
    seen.add(key(resource, action));
  }
  return findings;
};

/** Own members by name, and the names of the others. */
export const sortOut = (
  given: Readonly<Record<string, Json>>,
  members: readonly string[],
): { taken: Record<string, Json>; ignored: string[] } => {
  const wanted = new Set(members);
  const taken = Object.entries(given).filter(([name]) => wanted.has(name));
  return {
    taken: Object.fromEntries(taken),
    ignored: Object.keys(given).filter((name) => !wanted.has(name)),
  };
};
