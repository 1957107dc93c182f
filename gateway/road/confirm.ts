import { pointerSegment } from '../../intents/json.ts';
import { OstiaryError } from '../../intents/problems.ts';
import { bindingHash, confirmationText, type Pending, type ShownValue } from '../../policies/confirmations.ts';
import { type Lack, lackOf } from '../../policies/proof.ts';
import type { Gate } from '../gate.ts';
import type { Authorized, Outcome } from './context.ts';

/**
 * An obligation may want the person's yes first. Held back, the request becomes a pending confirmation; answered, it
 * comes back here with everything decided anew, and goes on only if nothing it was bound to has changed.
 */
export const confirm = (
  context: Authorized,
  gate: Gate,
): Authorized | { outcome: Outcome } | Promise<Authorized | { outcome: Outcome }> => {
  const obligation = context.decision.obligations.find((one) => one.type === 'confirm');
  const lack = lackOf(context.decision.obligations, context.asked);
  if (lack !== undefined) throw lacking(lack);
  if (obligation?.by === 'other-human')
    throw new OstiaryError('policy.denied', 'This needs the yes of another person, which cannot be given here.');
  if (context.pending !== undefined) return answered(context, gate, context.pending);
  if (obligation === undefined) return context;
  return hold(context, gate, obligation.ttlMs);
};

/** A denial that a stronger login, or a proof, would turn. Source: RFC 9470, section 3. */
const lacking = (lack: Lack): OstiaryError =>
  lack.type === 'proof'
    ? new OstiaryError('credentials.proof', lack.why, { proof: lack.level })
    : new OstiaryError('credentials.step_up', lack.why, {
        ...(lack.acr === undefined ? {} : { acr_values: lack.acr }),
        ...(lack.maxAgeMs === undefined ? {} : { max_age: lack.maxAgeMs / 1_000 }),
      });

const answered = async (
  context: Authorized,
  gate: Gate,
  pending: Pending,
): Promise<Authorized | { outcome: Outcome }> => {
  if (bindingHash(context.asked, context.decision.bundle) !== pending.binding)
    throw new OstiaryError('confirm.void', 'The contract or the policies changed since this was asked. Ask again.');
  const { what } = context.request;
  const mine = await gate.store.confirmations.consume(pending.id).catch((error: unknown) => {
    throw new OstiaryError('store.unavailable', 'The confirmation cannot be recorded, so nothing was done.', {}, error);
  });
  if (!mine) throw new OstiaryError('confirm.unknown', 'This confirmation has been used.');
  return what.kind === 'confirmation' && what.confirm ? context : { outcome: { kind: 'declined' } };
};

const hold = async (context: Authorized, gate: Gate, ttlMs: number): Promise<{ outcome: Outcome }> => {
  const { asked, compiled, principal, request } = context;
  const { intent } = compiled;
  const pending: Pending = {
    id: gate.newSecretId(),
    request: request.id,
    tenant: principal.tenant,
    principal: { type: principal.type, id: principal.id },
    intent: { name: intent.name, version: intent.version, major: intent.major },
    input: asked.input,
    purpose: asked.purpose,
    provenance: asked.provenance,
    resolution: asked.resolution,
    binding: bindingHash(asked, context.decision.bundle),
    createdAt: request.now.toISOString(),
    expiresAt: new Date(request.now.getTime() + ttlMs).toISOString(),
  };
  await gate.store.confirmations.put(pending).catch((error: unknown) => {
    throw new OstiaryError('store.unavailable', 'The confirmation cannot be kept, so nothing was done.', {}, error);
  });
  const values = Object.entries(asked.input).map(([name, value]): ShownValue => {
    const pointer = `/${pointerSegment(name)}`;
    return { pointer, title: compiled.titles[pointer] ?? name, value, from: asked.provenance[pointer] ?? 'model' };
  });
  return { outcome: { kind: 'confirm', pending, text: confirmationText(intent.title, intent.effect, values), values } };
};
