import { keyMember } from '../../intents/check-write.ts';
import type { Check } from '../../intents/contract.ts';
import type { Input } from '../../intents/json.ts';
import { isObject, valueAt } from '../../intents/json.ts';
import type { Reply } from '../../intents/ports.ts';
import type { OpenWrite } from '../../policies/ports.ts';
import { visiblePart } from '../../policies/visible.ts';
import type { CompiledIntent } from '../compile.ts';
import type { Gate } from '../gate.ts';
import { headersOf } from '../road/call.ts';
import { withoutMasked } from '../road/masked.ts';
import { bodyOf, type OpenBody } from '../road/open-write.ts';
import { callBackend } from '../telemetry/call-backend.ts';
import type { Trace } from '../telemetry/telemetry.ts';
import type { Verdict } from './settle.ts';

/** Still in doubt. `settles: 'operator'`: no further try of the gateway's own would find it out. */
export interface Doubt {
  readonly why: string;
  readonly settles: 'gateway' | 'operator';
}

/**
 * Finds out what became of a write, by the way its contract declares: sends it again with the same key where the backend
 * does each key once, or asks the intent that knows. What neither way tells stays in doubt; nothing is ever guessed.
 */
export const findOut = async (write: OpenWrite, gate: Gate): Promise<Verdict | Doubt> => {
  const body = bodyOf(write);
  const { name, major, version } = body.intent;
  const compiled = gate.compiled.get(`${name}@${major}`);
  // Under another contract the same values could mean something else.
  if (compiled === undefined || compiled.intent.version !== version)
    return { why: `${name}@${version} is not offered any more`, settles: 'operator' };
  if (compiled.intent.idempotent && !body.partial) return retry(write, body, compiled, gate);
  const { check } = compiled.intent;
  if (check !== undefined) return ask(write, body, check, gate);
  return { why: 'its contract declares no way to find out', settles: 'operator' };
};

const retry = async (
  { request }: OpenWrite,
  { input, seen, trace }: OpenBody,
  compiled: CompiledIntent,
  gate: Gate,
): Promise<Verdict | Doubt> => {
  const entry = { kind: 'retry', request, trace: trace?.id, at: new Date().toISOString() };
  await gate.store.audit.append(JSON.stringify(entry));
  const reply = await send(compiled, input, { request, trace }, gate);
  if (reply.ok) {
    const output = visiblePart(compiled.shape(reply.value).value, seen);
    return { done: true, by: 'retry', output: withoutMasked(output, compiled.secretOutput) };
  }
  // Not found may be what comes of it when it was done; what is wrong with the values was wrong the first time.
  if (reply.code === 'upstream.rejected') return { done: false, by: 'retry', note: reply.code };
  return { why: `sent again: ${reply.code}`, settles: 'gateway' };
};

const ask = async (
  { request }: OpenWrite,
  { input, trace }: OpenBody,
  check: Check,
  gate: Gate,
): Promise<Verdict | Doubt> => {
  const finder = gate.catalogue.find(check.intent);
  const compiled = finder && gate.compiled.get(finder.id);
  if (compiled === undefined) return { why: `"${check.intent}" is not offered any more`, settles: 'operator' };
  const members = Object.keys(compiled.intent.input.properties ?? {});
  const known: Input = { ...input, [keyMember]: request };
  const wanted = Object.fromEntries(
    members.filter((name) => Object.hasOwn(known, name)).map((name) => [name, known[name]]),
  ) as Input;
  const { input: whole, missing, wrong } = compiled.check(wanted);
  if (missing.length + wrong.length > 0)
    return { why: `"${check.intent}" cannot be asked with the values of this write`, settles: 'operator' };
  const reply = await send(compiled, whole, { request, trace }, gate);
  if (!reply.ok)
    return reply.code === 'upstream.not_found'
      ? { done: false, by: 'check' }
      : { why: `"${check.intent}" was asked: ${reply.code}`, settles: 'gateway' };
  return { done: check.done === undefined || isSaid(valueAt(reply.value, check.done)), by: 'check' };
};

const isSaid = (value: unknown): boolean =>
  !(value === undefined || value === null || value === false || (Array.isArray(value) && value.length === 0)) &&
  !(isObject(value) && Object.keys(value).length === 0);

const send = async (
  { plan, guard: { bulkhead }, intent }: CompiledIntent,
  input: Input,
  { request, trace }: { readonly request: string; readonly trace: Trace | undefined },
  gate: Gate,
): Promise<Reply> => {
  if (!bulkhead.enter(() => 'write'))
    return { ok: false, code: 'upstream.busy', reached: 'no', detail: 'too many calls are under way' };
  try {
    const signal = AbortSignal.timeout(gate.config.limits.deadline);
    return await plan.call(input, {
      signal,
      headers: headersOf(request, intent.effect),
      tried: (again, go) => callBackend(intent, trace, gate, again, go),
    });
  } catch (error) {
    return { ok: false, code: 'upstream.failed', reached: 'maybe', detail: `the adapter threw: ${String(error)}` };
  } finally {
    bulkhead.leave();
  }
};
