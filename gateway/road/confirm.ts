import { pointerSegment } from '../../intents/json.ts';
import { OstiaryError } from '../../intents/problems.ts';
import { bindingHash, confirmationText, type Pending, type ShownValue } from '../../policies/confirmations.ts';
import { isWeaker, type Lack, lackOf } from '../../policies/proof.ts';
import { holderOf } from '../../policies/tokens/principal.ts';
import type { Obligation } from '../../policies/types.ts';
import type { CompiledIntent } from '../compile.ts';
import type { Gate } from '../gate.ts';
import type { Authorized, Outcome } from './context.ts';

type Confirm = Extract<Obligation, { type: 'confirm' }>;

/**
 * An obligation may want the person's yes first. Held back, the request becomes a pending confirmation; answered, it
 * comes back here with everything decided anew, and goes on only if nothing it was bound to has changed.
 */
export const confirm = (
  context: Authorized,
  gate: Gate,
): Authorized | { outcome: Outcome } | Promise<Authorized | { outcome: Outcome }> => {
  const { obligations } = context.decision;
  const planned = obligations.some(isPlanned);
  const obligation = obligations.find((one) => one.type === 'confirm') ?? (planned ? toSign : undefined);
  // Who can sign is first shown what; who says no signs nothing.
  const due =
    planned && canSign(context) && !saysYes(context) ? obligations.filter((one) => !isPlanned(one)) : obligations;
  const lack = lackOf(due, context.asked);
  if (lack !== undefined) throw lacking(lack);
  if (context.pending !== undefined) return answered(context, gate, context.pending, obligation);
  if (obligation === undefined) return context;
  return hold(context, gate, obligation);
};

const isPlanned = (one: Obligation): boolean => one.type === 'proof' && one.level === 'signed-plan';
/** There has to be a plan before it can be signed. */
const toSign: Confirm = { type: 'confirm', by: 'self', ttlMs: 120_000, rule: 'proof' };
const canSign = ({ principal }: Authorized): boolean => !isWeaker(principal.proof ?? 'bearer', 'dpop');
const saysYes = ({ request: { what } }: Authorized): boolean => what.kind === 'confirmation' && what.confirm;

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
  obligation: Confirm | undefined,
): Promise<Authorized | { outcome: Outcome }> => {
  if (bindingHash(context.asked, context.decision.bundle) !== pending.binding)
    throw new OstiaryError('confirm.void', 'The contract or the policies changed since this was asked. Ask again.');
  const yes = saysYes(context);
  if (yes && obligation?.by === 'other-human' && pending.approvedBy === undefined) {
    if (pending.by !== 'other-human')
      throw new OstiaryError('confirm.void', 'By now this needs the yes of another person. Ask again.');
    throw new OstiaryError('confirm.required', 'Another person has to say yes to this first.');
  }
  const mine = await gate.store.confirmations.consume(pending.id).catch((error: unknown) => {
    throw new OstiaryError('store.unavailable', 'The confirmation cannot be recorded, so nothing was done.', {}, error);
  });
  if (!mine) throw new OstiaryError('confirm.unknown', 'This confirmation has been used.');
  return yes ? context : { outcome: { kind: 'declined' } };
};

const hold = async (context: Authorized, gate: Gate, { by, ttlMs }: Confirm): Promise<{ outcome: Outcome }> => {
  const { asked, compiled, principal, request } = context;
  const { intent } = compiled;
  const holder = holderOf(principal);
  const pending: Pending = {
    id: gate.newSecretId(),
    request: request.id,
    tenant: principal.tenant,
    principal: { type: principal.type, id: principal.id },
    ...(holder === undefined ? {} : { holder }),
    intent: { name: intent.name, version: intent.version, major: intent.major },
    input: asked.input,
    purpose: asked.purpose,
    provenance: asked.provenance,
    resolution: asked.resolution,
    by,
    binding: bindingHash(asked, context.decision.bundle),
    createdAt: request.now.toISOString(),
    expiresAt: new Date(request.now.getTime() + ttlMs).toISOString(),
  };
  await gate.store.confirmations.put(pending).catch((error: unknown) => {
    throw new OstiaryError('store.unavailable', 'The confirmation cannot be kept, so nothing was done.', {}, error);
  });
  return { outcome: { kind: 'confirm', pending, ...shown(pending, compiled) } };
};

/** What a person is shown of what waits: made by us, of the contract and the values alone. */
export const shown = (
  { input, provenance }: Pending,
  { intent, titles }: CompiledIntent,
): { text: string; values: readonly ShownValue[] } => {
  const values = Object.entries(input).map(([name, value]): ShownValue => {
    const pointer = `/${pointerSegment(name)}`;
    return { pointer, title: titles[pointer] ?? name, value, from: provenance[pointer] ?? 'model' };
  });
  return { text: confirmationText(intent.title, intent.effect, values), values };
};
