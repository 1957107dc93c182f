import type { Problem } from '../../intents/problems.ts';
import { type GrpcCaller, principalOf, take, trimmed, Unimplemented } from './grpc-call.ts';
import { readMask } from './grpc-mask.ts';
import type { TypedRpc } from './grpc-projection.ts';
import { Refusal } from './grpc-status.ts';
import { printTyped } from './http-print.ts';

/** Calls the intent of an rpc. @throws Refusal, Unimplemented or OstiaryError */
export const callTyped = async (rpc: TypedRpc, bytes: Buffer, caller: GrpcCaller): Promise<Buffer> =>
  written(await outputOf(rpc, bytes, caller), rpc, caller);

/**
 * The same, with a message for each item: as it comes where the backend streams, else of the whole list.
 * @param send resolves when there is room for the next
 */
export const streamTyped = async (
  rpc: TypedRpc,
  bytes: Buffer,
  caller: GrpcCaller,
  send: (bytes: Buffer) => Promise<void>,
): Promise<void> => {
  const items = (item: unknown) => send(written(item, rpc, caller));
  const output = await outputOf(rpc, bytes, caller, items);
  for (const item of Array.isArray(output) ? output : []) await items(item);
};

const outputOf = async (
  rpc: TypedRpc,
  bytes: Buffer,
  caller: GrpcCaller,
  items?: (item: unknown) => Promise<void>,
): Promise<unknown> => {
  const { intent } = rpc;
  let input: ReturnType<TypedRpc['read']>;
  let fields: readonly string[] | undefined;
  try {
    input = rpc.read(bytes);
    fields = readMask(caller.fields, rpc.response);
  } catch (error) {
    return unreadable(error, rpc, caller);
  }
  const what = { kind: 'typed', name: intent.name, major: intent.major, input } as const;
  const ended = await take(caller, { what, explain: false, ...(fields && { fields }), ...(items && { items }) });
  const printed = printTyped(ended);
  if (printed.problem) throw told(printed.body as Problem, caller);
  return items ? printed.body : trimmed(printed, ended, caller).body;
};

const written = (output: unknown, rpc: TypedRpc, caller: GrpcCaller): Buffer => {
  const lost: string[] = [];
  const message = rpc.write(output, (pointer) => lost.push(pointer));
  if (lost.length > 0)
    caller.gate.log('warn', 'what does not fit its message was left out', {
      request: caller.id,
      intent: rpc.intent.id,
      lost: lost.slice(0, 20),
    });
  return message;
};

/** An rpc that nobody offers goes the same road as one that is hidden from its caller, and ends the same. */
export const callNothing = async (caller: GrpcCaller): Promise<never> => {
  const what = { kind: 'typed', name: caller.path.slice(1, 200), major: undefined, input: {} } as const;
  const printed = printTyped(await take(caller, { what, explain: false }));
  throw told(printed.body as Problem, caller);
};

/** A message that cannot be read says nothing of an intent that its sender may not know of. */
const unreadable = async (error: unknown, { intent }: TypedRpc, caller: GrpcCaller): Promise<never> => {
  const { bundle } = caller.gate;
  const known = await principalOf(caller).then(
    (principal) => bundle.visibility(principal, intent) !== 'hidden',
    () => false,
  );
  if (known) throw error;
  return callNothing(caller);
};

const told = (problem: Problem, caller: GrpcCaller): Error =>
  problem.code === 'intent.unknown' ? new Unimplemented(caller) : new Refusal(problem);
