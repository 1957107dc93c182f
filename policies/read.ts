import type { Provenance } from '../intents/contract.ts';
import { pointerPath, pointerSegment, valueAt } from '../intents/json.ts';
import type { Aggregates } from './aggregates.ts';
import type { Asked } from './types.ts';

export type Read = (asked: Asked) => unknown;

/** Roots of the paths a condition may read, and what is known below each. */
export const roots: Readonly<Record<string, readonly string[] | 'any'>> = {
  in: 'any',
  token: 'any',
  prov: 'any',
  subject: ['type', 'id'],
  ctx: ['agent', 'door', 'ip', 'time'],
  resolution: ['confidence', 'margin', 'tier'],
  purpose: ['name', 'source'],
  agg: 'any',
  rep: ['band'],
  chain: ['depth'],
};

export interface Readable {
  readonly aggregates: Aggregates;
  /** Intent id -> JSON pointers into its input that decide where an effect lands: the contract's, and more of the policy. */
  readonly sinks: ReadonlyMap<string, readonly string[]>;
}

/** Makes what reads a path, own members only. */
export const reader = (path: string, { aggregates, sinks }: Readable): Read => {
  const [root = '', ...below] = pointerPath(path);
  const first = below[0] ?? '';
  switch (root) {
    case 'in':
      return below.length === 1
        ? ({ input }) => (Object.hasOwn(input, first) ? input[first] : undefined)
        : ({ input }) => valueAt(input, below);
    case 'token':
      return ({ principal }) => valueAt(principal.claims, below);
    case 'subject':
      return first === 'type' ? ({ principal }) => principal.type : ({ principal }) => principal.id;
    case 'ctx':
      return context[first] ?? nothing;
    case 'resolution':
      return first === 'tier' || first === 'margin' || first === 'confidence'
        ? ({ resolution }) => resolution[first]
        : nothing;
    case 'purpose':
      return ({ purpose }) => (first === 'source' ? purpose?.source : purpose?.name);
    case 'prov':
      return first === 'sinks' && below.length === 1
        ? (asked) =>
            (sinks.get(asked.intent.id) ?? asked.intent.sinks).flatMap((sink) => labelsAt(asked, pointerPath(sink)))
        : (asked) => only(labelsAt(asked, below));
    case 'agg':
      return (asked) => aggregates.get(first)?.held(asked);
    case 'rep':
      return ({ band = 'new' }) => (band === 'unknown' ? undefined : band);
    case 'chain':
      return ({ principal }) => principal.delegations ?? 0;
    default:
      return nothing;
  }
};

const nothing: Read = () => undefined;

const context: Readonly<Record<string, Read>> = {
  time: ({ context: { now } }) => now,
  ip: ({ context: { ip } }) => ip,
  door: ({ context: { door } }) => door,
  // Only a person asks for themselves: what acts for one (RFC 8693, "act") is an agent.
  agent: ({ principal }) => principal.type !== 'user' || valueAt(principal.claims, ['act']) !== undefined,
};

/**
 * Where each value at or below a path came from: its own label, or that of the nearest member it lies in. A value whose
 * source nobody told is undefined in the list, and so unknown to whatever is asked of it.
 * @param path `*` stands for every item of a list
 */
export const labelsAt = ({ input, provenance }: Asked, path: readonly string[]): (Provenance | undefined)[] => {
  const labels = new Set<Provenance | undefined>();
  const walk = (here: unknown, pointer: string, label: Provenance | undefined, depth: number) => {
    const members = typeof here === 'object' && here !== null ? Object.entries(here) : [];
    const name = path[depth];
    if (name === undefined && members.length === 0) labels.add(label);
    for (const [member, value] of members) {
      if (name !== undefined && name !== '*' && name !== member) continue;
      const at = `${pointer}/${pointerSegment(member)}`;
      walk(value, at, provenance[at] ?? label, depth + 1);
    }
  };
  walk(input, '', undefined, 0);
  return [...labels];
};

/** The label of a value that has one; parts from several places are from none in particular. */
const only = (labels: readonly (Provenance | undefined)[]): Provenance | undefined =>
  labels.length === 1 ? labels[0] : undefined;
