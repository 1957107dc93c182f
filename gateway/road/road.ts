import type { Gate } from '../gate.ts';
import { admit } from './admit.ts';
import { answer, thrown } from './answer.ts';
import { authenticate } from './authenticate.ts';
import { authorize } from './authorize.ts';
import { call } from './call.ts';
import { confirm } from './confirm.ts';
import type {
  Admitted,
  Anywhere,
  Authenticated,
  Authorized,
  Called,
  Ended,
  Ending,
  Mark,
  Outcome,
  Request,
  Resolved,
  Start,
} from './context.ts';
import { entities } from './entities.ts';
import { idempotency } from './idempotency.ts';
import { leave } from './leave.ts';
import { note } from './note.ts';
import { prepared } from './prepared.ts';
import { record } from './record.ts';
import { resolve } from './resolve.ts';
import { shape } from './shape.ts';
import { validate } from './validate.ts';

type Travel = (request: Request, gate: Gate) => Promise<Ended>;
type Step<In, Out> = (context: In, gate: Gate, travel: Travel) => Out | Ending | Promise<Out | Ending>;

/** The road of every request, whichever door it came through. The types hold the order. */
const road: readonly [
  Step<Start, Authenticated>,
  Step<Authenticated, Authenticated>,
  Step<Authenticated, Resolved>,
  Step<Resolved, Resolved>,
  Step<Resolved, Resolved>,
  Step<Resolved, Authorized>,
  Step<Authorized, Authorized>,
  Step<Authorized, Admitted>,
  Step<Admitted, Admitted>,
  Step<Admitted, Called>,
  Step<Called, never>,
] = [authenticate, idempotency, resolve, entities, validate, authorize, confirm, admit, record, call, shape];

/** `explain` stops here: nothing is held back, counted, recorded ahead or called. */
const explained = road.slice(0, 6) as unknown as readonly Step<Anywhere, Anywhere>[];
const whole = road as unknown as readonly Step<Anywhere, Anywhere>[];
/** Steps that many requests do not need. */
const needless: ReadonlySet<unknown> = new Set([idempotency, entities]);

/** Takes a request all the way. Never rejects: what a step throws is an outcome too, and every outcome is recorded. */
export const travel: Travel = (request, gate) => {
  const { spans } = gate.telemetry;
  return spans === undefined ? counted(request, gate) : spans.road(request, (traced) => counted(traced, gate));
};

/** What is made for the sake of another goes with it, and what streams may take as long as it likes: neither says how much there is to do. */
const counted: Travel = async (request, gate) => {
  if (request.parent !== undefined || request.items !== undefined) return walk(request, gate);
  gate.shedder.enter();
  try {
    return await walk(request, gate);
  } finally {
    gate.shedder.leave();
  }
};

const walk: Travel = async (request, gate) => {
  const { spans } = gate.telemetry;
  let context: Anywhere = { request };
  let outcome: Outcome | undefined;
  const marks: Mark[] = [];
  let started = performance.now();
  for (const step of request.explain ? explained : whole) {
    try {
      const here = context;
      const result =
        spans === undefined ? step(here, gate, travel) : spans.step(step.name, request, () => step(here, gate, travel));
      // A step that an intent does not need leaves no mark.
      if (result === context && needless.has(step)) continue;
      const next = result instanceof Promise ? await result : result;
      if ('outcome' in next) {
        outcome = next.outcome;
        context = next.context ?? context;
      } else context = next;
    } catch (error) {
      outcome = thrown(error);
    }
    const [here, ended] = [context, outcome];
    // Words are made only for whoever asks to see the road.
    const now = performance.now();
    marks.push({ step: step.name, ms: now - started, note: () => note(step.name, here, ended) });
    started = now;
    if (outcome !== undefined) break;
  }
  if (request.explain) context = await prepared(context);
  // To explain is to tell the decision, whichever it is.
  const told =
    request.explain && (outcome === undefined || (outcome.kind === 'denied' && context.decision !== undefined));
  const ended = told || outcome === undefined ? ({ kind: 'explained' } as const) : outcome;
  const done: Ended = { outcome: ended, context, road: marks };
  if (request.what.kind !== 'ask' || request.explain) return answer(done, gate);
  const session = context.replayed === undefined ? await leave(done, gate) : context.replayed.session;
  return answer(session === undefined ? done : { ...done, session }, gate);
};
