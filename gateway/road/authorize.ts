import { OstiaryError } from '../../intents/problems.ts';
import { signedLevel } from '../../policies/tokens/possession.ts';
import type { Asked, Bundle, Reading } from '../../policies/types.ts';
import type { Gate } from '../gate.ts';
import type { Authorized, Ending, Resolved } from './context.ts';
import { trueLabels } from './said.ts';

/** May this caller do this, for this purpose, with these values. Reads the typed result only; nothing a model said can grant. */
export const authorize = (context: Resolved, gate: Gate): Authorized | Ending | Promise<Authorized | Ending> => {
  const { principal, compiled, input, purpose, resolution, request } = context;
  const provenance = trueLabels(context, gate);
  const standing = request.explain
    ? { standing: gate.reputation.standingOf(principal, compiled.intent.effect, request.now.getTime()) }
    : undefined;
  const known =
    provenance === context.provenance && standing === undefined ? context : { ...context, provenance, ...standing };
  const asked: Asked = {
    principal,
    intent: compiled.intent,
    input,
    purpose,
    provenance,
    resolution,
    context: { now: request.now, ip: request.ip, door: request.door },
    band: gate.reputation.bandOf(principal, compiled.intent.effect, request.now.getTime()),
    ...proofOf(context),
  };
  const readings = gate.bundle.readings(asked);
  if (readings.length === 0) return decide(known, asked, gate);
  return totals(readings, context, gate).then((held) => decide(known, { ...asked, totals: held }, gate));
};

/** How much of this request its proof signs, where there is one. */
const proofOf = ({
  possession,
  request: { what, purpose },
  compiled,
  pending,
  turn,
}: Resolved): Pick<Asked, 'proof'> => {
  if (possession === undefined) return {};
  const { name, version, id } = compiled.intent;
  const proof = signedLevel(
    // Words that said yes became the answer that they are.
    turn === 'confirmation' ? { ...possession, utt: undefined } : possession,
    {
      intents: [id, `${name}@${version}`],
      input: what.kind === 'typed' ? what.input : what.kind === 'ask' ? what.given : undefined,
      text: what.kind === 'ask' ? what.text : undefined,
      purpose,
      plan: pending?.binding,
    },
  );
  return { proof };
};

const decide = (context: Resolved, asked: Asked, { bundle, shadow }: Gate): Authorized | Ending => {
  const decision = bundle.decide(asked);
  const decided = {
    ...context,
    asked,
    decision,
    // What they read of this request, so that another policy can be tried on it later.
    footprint: { ...shadow?.footprint(asked), ...bundle.footprint(asked) },
    ...(shadow === undefined ? {} : { shadowed: shadowed(shadow, asked) }),
  };
  if (decision.outcome === 'permit') return decided;
  const error = new OstiaryError('policy.denied', decision.reason.user, {
    decision: decision.id,
    intent: context.compiled.intent.name,
  });
  return { outcome: { kind: 'denied', error }, context: decided };
};

/** A policy on trial decides what it would decide, and nothing comes of it. */
const shadowed = (shadow: Bundle, asked: Asked) => shadow.decide(asked);

/** What the aggregates hold. A store that does not say leaves them unknown, which never helps the caller. */
const totals = async (
  readings: readonly Reading[],
  { request }: Resolved,
  gate: Gate,
): Promise<ReadonlyMap<string, number>> => {
  try {
    const held = await gate.totals.totals(readings, request.now.getTime());
    return new Map(readings.flatMap(({ name }, index) => (held[index] === undefined ? [] : [[name, held[index]]])));
  } catch (error) {
    gate.log('error', 'totals cannot be read', { request: request.id, cause: String(error) });
    return new Map();
  }
};
