import type { JsonObject } from '../../intents/json.ts';
import { OstiaryError } from '../../intents/problems.ts';
import { lackOf } from '../../policies/proof.ts';
import type { Principal } from '../../policies/types.ts';
import { type Asker, type Directory, sortOut } from '../authzen-directory.ts';
import type { Gate } from '../gate.ts';
import { answer, thrown } from './answer.ts';
import { purposeOf } from './authenticate.ts';
import { authorize } from './authorize.ts';
import type { Anywhere, Ended, Ending, Request } from './context.ts';
import { resolve } from './resolve.ts';
import { validate } from './validate.ts';

/** May this subject do this with that: what a service with a front door of its own asks. */
export interface Question {
  readonly subject: { readonly type: string; readonly id: string; readonly properties: JsonObject };
  readonly action: { readonly name: string; readonly properties: JsonObject };
  readonly resource: { readonly type: string; readonly id: string; readonly properties: JsonObject };
  readonly purpose: string | undefined;
  readonly ip: string | undefined;
}

/** Why it was answered as it was: only `permitted` is a yes. */
export type Reason =
  | 'permitted'
  | 'denied'
  | 'confirmation_required'
  | 'step_up_required'
  | 'proof_required'
  | 'obligations_not_met'
  | 'error';

export interface Evaluated extends Ended {
  readonly reason: Reason;
  /** Properties that the contract of the intent does not know. */
  readonly ignored: readonly string[];
}

/** Who asks, from where, when. */
export interface Asking {
  readonly asker: Asker;
  readonly credential: string;
  readonly directory: Directory;
  readonly request: Pick<Request, 'id' | 'parent' | 'trace' | 'now' | 'signal'>;
}

/**
 * Decides as if the subject had asked for it here itself: the steps of the road from the contract to the decision, and
 * its end, where it is recorded. Never rejects; what cannot be decided is no yes.
 * @param keep whether it is recorded: each decision that is answered, and none of those a search is made of
 */
export const evaluate = async (
  question: Question,
  asking: Asking,
  gate: Gate,
  keep: 'kept' | 'passing' = 'kept',
): Promise<Evaluated> => {
  const { asker, credential, directory } = asking;
  const { what, ignored } = typedCall(question, asking);
  const request: Request = {
    ...asking.request,
    door: 'authzen',
    what,
    explain: false,
    bearer: undefined,
    purpose: question.purpose,
    // Where the asker is says nothing of where the subject is.
    ip: asker.may.has('assert') ? question.ip : undefined,
  };
  let context: Anywhere = { request };
  let ending: Ending | undefined;
  try {
    if (what.name === '')
      throw new OstiaryError(
        'intent.unknown',
        `Nothing here is the action "${question.action.name}" on a "${question.resource.type}".`,
      );
    const principal = subjectOf(question, asker, directory);
    context = { request, principal, purpose: purposeOf(question.purpose, principal, gate.bundle.purposes) };
    for (const step of steps) {
      const next = await step(context, gate);
      if ('outcome' in next) {
        ending = next;
        context = next.context ?? context;
        break;
      }
      context = next;
    }
  } catch (error) {
    ending = { outcome: thrown(error) };
  }
  const outcome = ending?.outcome ?? ({ kind: 'explained' } as const);
  const reason = reasonOf(context, ending, asker);
  const evaluation = { asker: { type: asker.type, id: asker.id, credential }, answered: reason };
  const ended: Ended = { outcome, context: { ...context, evaluation }, road: [] };
  if (keep === 'passing') return { ...ended, reason, ignored };
  await answer(ended, gate);
  // A yes may lead to a write that this gateway never sees again: without a record there is none.
  const fault = gate.store.fault();
  if (fault === undefined) return { ...ended, reason, ignored };
  const error = new OstiaryError('store.unavailable', 'The decision cannot be recorded, so there is none.', {}, fault);
  return { ...ended, outcome: { kind: 'failed', error }, reason: 'error', ignored };
};

type Step = (context: Anywhere, gate: Gate) => Anywhere | Ending | Promise<Anywhere | Ending>;
const steps = [resolve, validate, authorize] as unknown as readonly Step[];

type Typed = Extract<Request['what'], { kind: 'typed' }>;

/**
 * The question as a typed call of an intent. What is known of the resource wins over what is said of it without a right to.
 * @returns no name where there is no such intent
 */
const typedCall = (
  { action, resource }: Question,
  { asker, directory }: Asking,
): { what: Typed; ignored: readonly string[] } => {
  const act = directory.act(resource.type, action.name);
  if (act === undefined) return { what: { kind: 'typed', name: '', major: undefined, input: {} }, ignored: [] };
  const { intent, idMember } = act;
  const known = directory.resource(resource.type, resource.id) ?? {};
  const said = { ...resource.properties, ...action.properties };
  const members = Object.keys(intent.input.properties ?? {});
  const { taken } = sortOut(asker.may.has('assert') ? { ...known, ...said } : { ...said, ...known }, members);
  const input = idMember === undefined ? taken : { ...taken, [idMember]: resource.id };
  return {
    what: { kind: 'typed', name: intent.name, major: intent.major, input },
    ignored: sortOut(said, members).ignored,
  };
};

/** @throws OstiaryError where nobody here says who that is */
const subjectOf = ({ subject: { type, id, properties } }: Question, asker: Asker, directory: Directory): Principal => {
  const known = directory.subject(type, id);
  const asserted = asker.may.has('assert');
  if (known !== undefined && (!asserted || Object.keys(properties).length === 0)) return known;
  if (!asserted) throw new OstiaryError('subject.unknown', `There is no subject "${id}" of the type "${type}" here.`);
  if (known !== undefined) return { ...known, claims: { ...known.claims, ...properties } };
  return {
    tenant: directory.tenant,
    type,
    id,
    claims: properties,
    purposes: asker.purposes,
    defaultPurpose: undefined,
    capabilities: undefined,
    credential: { kind: 'api-key', id: `authzen:${type}/${id}` },
  };
};

/** A permit that hangs on something which nobody sees to is no yes. */
const reasonOf = ({ decision, asked }: Anywhere, ending: Ending | undefined, { meets }: Asker): Reason => {
  if (decision === undefined || asked === undefined) return 'error';
  if (decision.outcome === 'deny') return 'denied';
  if (ending !== undefined) return 'error';
  const { obligations, fields } = decision;
  const lack = lackOf(obligations, asked);
  if (lack !== undefined) return lack.type === 'proof' ? 'proof_required' : 'step_up_required';
  if (obligations.some(({ type }) => type === 'confirm')) return 'confirmation_required';
  const shows = fields === undefined && obligations.every(({ type }) => type !== 'redact');
  const unmet =
    (!shows && !meets.has('redact')) || (obligations.some(({ type }) => type === 'rate') && !meets.has('rate'));
  return unmet ? 'obligations_not_met' : 'permitted';
};
