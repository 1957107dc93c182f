import { type Deadline, Metadata, status } from '@grpc/grpc-js';
import { OstiaryError, toProblem } from '../../intents/problems.ts';
import type { Presented } from '../../policies/tokens/possession.ts';
import type { Principal } from '../../policies/types.ts';
import type { Gate } from '../gate.ts';
import { recordRefusal } from '../road/answer.ts';
import type { Ended, Request } from '../road/context.ts';
import { travel } from '../road/road.ts';
import { serveRpc } from '../telemetry/serve-rpc.ts';
import type { Trace } from '../telemetry/telemetry.ts';
import { deprecationHeaders } from './deprecation.ts';
import { type GrpcError, Refusal, toGrpcError } from './grpc-status.ts';
import type { Printed } from './http-print.ts';
import { budgetOf } from './http-read.ts';
import { trimTyped } from './http-trim.ts';

export const door = 'grpc';

/** One call, before anything is believed. */
export interface GrpcCaller {
  readonly id: string;
  readonly trace: Trace | undefined;
  readonly path: string;
  readonly gate: Gate;
  readonly bearer: string | undefined;
  /** One and the same object for the whole call: a proof is taken once. */
  readonly presented: Presented | undefined;
  readonly purpose: string | undefined;
  readonly ip: string | undefined;
  /** A field mask over the answer, as written. */
  readonly fields: string | undefined;
  /** No more of an output than so many bytes of JSON. */
  readonly budget: number | undefined;
  readonly idempotencyKey: string | undefined;
  /** Sent after the answer. */
  readonly trailer: Metadata;
  /** Fires at the deadline and when the caller leaves. */
  readonly signal: AbortSignal;
  /** When its time is up, by `performance.now()`. */
  readonly until: number;
}

/** What calls of every kind have. */
interface Surface {
  readonly metadata: Metadata;
  getDeadline(): Deadline;
  getPath(): string;
  getPeer(): string;
  sendMetadata(metadata: Metadata): void;
  on(event: 'cancelled', listener: () => void): unknown;
}

/** Addresses of the door as its callers may know them, `http://127.0.0.1:50051`. */
export type Bases = readonly string[];

/** So many calls under way at once. */
export interface Room {
  readonly limit: number;
  active: number;
}

const tooLate = new OstiaryError('deadline.exceeded', 'The deadline passed before there was an answer.');
const gone = new OstiaryError('client.closed', 'The caller hung up, or took the call back.');

/**
 * Runs one call until it is answered, its deadline has passed or its caller is gone. What is thrown and was not ended by
 * the road is recorded here.
 * @param open it may stay open for as long as its caller wants, and until this fires
 */
export const attend = async (
  call: Surface,
  gate: Gate,
  { room, open, bases }: { readonly room: Room; readonly open?: AbortSignal | undefined; readonly bases: Bases },
  answer: (caller: GrpcCaller) => Promise<void>,
  fail: (error: GrpcError) => void,
): Promise<void> => {
  const id = gate.nextId();
  const controller = new AbortController();
  const deadline = Number(call.getDeadline());
  const ms = Math.min(
    deadline - Date.now(),
    open === undefined ? gate.config.limits.deadline : Number.POSITIVE_INFINITY,
  );
  // Longer than a timer can be told is as good as never.
  const timer = ms > 2 ** 31 - 1 ? undefined : setTimeout(() => controller.abort(tooLate), Math.max(0, ms));
  call.on('cancelled', () => controller.abort(Date.now() >= deadline ? tooLate : gone));
  const closed = () => controller.abort(gone);
  open?.addEventListener('abort', closed);
  const { metadata } = call;
  const served = serveRpc(gate.telemetry, call.getPath(), metadata);
  const caller: GrpcCaller = {
    id,
    trace: served.trace,
    path: call.getPath(),
    gate,
    bearer: bearerOf(metadata),
    presented: presentedBy(metadata, call.getPath(), bases),
    purpose: (text(metadata, 'ostiary-purpose') ?? text(metadata, 'purpose'))?.slice(0, 200),
    idempotencyKey: text(metadata, 'idempotency-key'),
    trailer: new Metadata(),
    budget: budgetOf(metadata.get('prefer').map(String)),
    fields: text(metadata, 'fields') ?? text(metadata, 'x-goog-fieldmask'),
    ip: /^(.+):\d+$/.exec(call.getPeer())?.[1],
    signal: controller.signal,
    until: performance.now() + ms,
  };
  const named = new Metadata();
  named.set('ostiary-request-id', id);
  call.sendMetadata(named);
  room.active++;
  try {
    if (room.active > room.limit)
      throw new OstiaryError('admit.busy', 'Too many calls are under way at this door. Try again shortly.', {
        retry_after: 1,
      });
    await answer(caller);
    served.ended(status.OK);
  } catch (error) {
    const told = refuse(error, caller);
    served.ended(told.code);
    fail(told);
  } finally {
    room.active--;
    open?.removeEventListener('abort', closed);
    clearTimeout(timer);
  }
};

const refuse = (error: unknown, { id, gate, path, trace }: GrpcCaller): GrpcError => {
  if (error instanceof Refusal) return toGrpcError(error.problem);
  if (error instanceof Unimplemented) return error.status;
  const known =
    error instanceof OstiaryError
      ? error
      : new OstiaryError('internal', 'The request could not be carried out.', {}, error);
  recordRefusal(gate, id, door, known.code, { trace: trace?.id });
  if (known.code === 'internal')
    gate.log('error', 'the gRPC door failed', { request: id, path, cause: String(known.cause ?? known) });
  return toGrpcError(toProblem(known, id));
};

/** Thrown where there is no such rpc for this caller: the same whether it is hidden or not there. */
export class Unimplemented extends Error {
  override readonly name = 'Unimplemented';
  readonly status: GrpcError;

  constructor({ id, path }: GrpcCaller) {
    const error = new OstiaryError(
      'intent.unknown',
      `There is no rpc ${path} for this caller. ostiary.v1.Intents/List lists those there are.`,
    );
    super(error.message);
    this.status = toGrpcError(toProblem(error, id), status.UNIMPLEMENTED);
  }
}

/** Takes a call down the road. */
export const take = async (
  caller: GrpcCaller,
  rest: Pick<Request, 'what' | 'explain'> & Pick<Partial<Request>, 'purpose' | 'progress' | 'fields' | 'items'>,
): Promise<Ended> => {
  const { id, trace, bearer, presented, purpose, ip, signal, until, idempotencyKey, gate, trailer } = caller;
  const whole = { id, trace, door, bearer, presented, ip, idempotencyKey, now: new Date(), signal, until, ...rest };
  const ended = await travel({ ...whole, purpose: rest.purpose ?? purpose }, gate);
  if (ended.context.replayed !== undefined) trailer.set('idempotency-replayed', 'true');
  for (const [name, value] of Object.entries(deprecationHeaders(ended.context, gate) ?? {})) trailer.set(name, value);
  return ended;
};

/** Who calls, for what goes down no road: lists and reflection. @throws OstiaryError */
export const principalOf = async ({ gate, bearer, presented }: GrpcCaller): Promise<Principal> =>
  gate.authenticator.authenticate(bearer, new Date(), presented);

/** The key or token of a call, as HTTP has it. Two are none: which of them something in front has seen is not known. */
const bearerOf = (metadata: Metadata): string | undefined => {
  if (metadata.get('authorization').length + metadata.get('x-api-key').length > 1) return '';
  const authorization = text(metadata, 'authorization');
  if (authorization === undefined) return text(metadata, 'x-api-key');
  return /^(?:bearer|dpop) +(.+)$/i.exec(authorization)?.[1]?.trim();
};

/** A call is a POST to its path (gRPC over HTTP/2, "Requests"): so is a proof for it (RFC 9449), sent as the header it is. */
const presentedBy = (metadata: Metadata, path: string, bases: Bases): Presented | undefined => {
  const proofs = metadata.get('dpop');
  if (proofs.length === 0) return undefined;
  return { dpop: proofs.join(', '), method: 'POST', urls: bases.map((base) => `${base.replace(/\/$/, '')}${path}`) };
};

const text = (metadata: Metadata, key: string): string | undefined => {
  const [value] = metadata.get(key);
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/** As much of what was printed as the caller prefers; the trailer says what is left out. */
export const trimmed = (printed: Printed, ended: Ended, { budget, trailer }: GrpcCaller): Printed => {
  const { printed: small, headers } = trimTyped(printed, ended, false, budget);
  for (const [name, value] of Object.entries(headers)) trailer.set(name, value);
  return small;
};
