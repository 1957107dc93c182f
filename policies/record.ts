import type { Json } from '../intents/json.ts';
import type { Asked, Decision, Obligation } from './types.ts';

/**
 * A decision as it stands in the audit log: what a policy owner needs to see why, and to decide the same again.
 * @param footprint what the policies read, of what the entry does not hold anyway
 * @param shadowed what a policy on trial would have decided
 */
export const decisionEntry = (
  { id, outcome, rules, fired, obligations, reason, unknown, bundle }: Decision,
  { principal }: Asked,
  footprint: Readonly<Record<string, Json>>,
  shadowed: Decision | undefined,
) => ({
  id,
  outcome,
  rules,
  at: places(fired),
  why: reason.admin,
  obligations: obligations.length > 0 ? obligations.map(told) : undefined,
  unknown: unknown.length > 0 ? unknown : undefined,
  bundle,
  footprint: {
    purposes: principal.purposes,
    capabilities: principal.capabilities,
    token: principal.token?.details,
    read: footprint,
  },
  shadow: shadowed === undefined ? undefined : shadowEntry(shadowed),
});

const shadowEntry = ({ outcome, rules, reason, obligations, bundle }: Decision) => ({
  outcome,
  rules,
  why: reason.admin,
  obligations: obligations.length > 0 ? obligations.map(told) : undefined,
  bundle,
});

const places = (fired: Decision['fired']): Record<string, string> =>
  Object.fromEntries(fired.map(({ id, place }) => [id, place]));

/** An obligation in short, `confirm by self (rule)`: enough to see whether another policy asks for another. */
export const told = (obligation: Obligation): string => `${obligationText(obligation)} (${obligation.rule})`;

/** The same without the rule. */
export const obligationText = (one: Obligation): string => {
  switch (one.type) {
    case 'confirm':
      return `confirm by ${one.by}`;
    case 'step-up':
      return `step up${one.acr === undefined ? '' : ` to ${one.acr}`}${one.maxAgeMs === undefined ? '' : ` within ${one.maxAgeMs / 1_000} s`}`;
    case 'proof':
      return `proof ${one.level}`;
    case 'rate':
      return `rate ${one.rate.name}`;
    case 'redact':
      return `redact ${Object.entries(one.fields)
        .map(([field, mask]) => `${field} ${typeof mask === 'string' ? mask : mask.name}`)
        .sort()
        .join(', ')}`;
  }
};

/**
 * A decision in the words of AuthZEN's Authorization API 1.0: the request that was evaluated, and the response. What
 * the caller may read is in `reason_user`; `reason_admin` names rules and files.
 */
export const toEvaluation = (asked: Asked, decision: Decision, shadowed?: Decision) => {
  const { principal, intent, input, purpose, context, resolution, provenance, band = 'new' } = asked;
  const code = decision.outcome === 'permit' ? '200' : '403';
  return {
    request: {
      subject: { type: principal.type, id: principal.id, properties: principal.claims },
      action: { name: intent.id, properties: { effect: intent.effect } },
      resource: { type: intent.entity ?? intent.name, id: intent.id, properties: input },
      context: {
        goal: purpose?.name ?? null,
        goal_source: purpose?.source ?? null,
        time: context.now.toISOString(),
        ip: context.ip ?? null,
        prov: provenance,
        resolution,
        rep: { band },
      },
    },
    response: {
      decision: decision.outcome === 'permit' && decision.obligations.every(({ type }) => type !== 'confirm'),
      context: {
        evaluation_id: decision.id,
        evaluated_at: context.now.toISOString(),
        reason: reasonOf(decision),
        reason_user: { [code]: decision.reason.user },
        reason_admin: { [code]: decision.reason.admin },
        policy: {
          bundle_sha256: decision.bundle,
          ...(shadowed === undefined ? {} : { shadow: [shadowEntry(shadowed)] }),
        },
        rules: decision.rules,
        at: places(decision.fired),
        unknown: decision.unknown,
        obligations: decision.obligations.map((one, index) => {
          const { type, rule: _, ...properties } = one;
          return {
            id: String(index + 1),
            type: ['step-up', 'confirm'].includes(type) ? type : 'custom',
            properties: { kind: type, ...properties },
          };
        }),
      },
    },
  };
};

const reasonOf = ({ outcome, obligations }: Decision): string =>
  outcome === 'deny'
    ? 'denied'
    : obligations.some(({ type }) => type === 'confirm')
      ? 'confirmation_required'
      : 'permitted';
