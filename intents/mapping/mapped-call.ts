import { pathSlots } from '../binding.ts';
import type { Binding, Template } from '../contract.ts';
import type { Input, Json } from '../json.ts';
import type { Backend, CallContext, CompiledCall, Failure, Reply } from '../ports.ts';
import { compileExpression, type Expression, ExpressionError } from './expression.ts';
import { compileMapping, leavesOf, replaceExpressions } from './template.ts';

/**
 * Compiles a binding for its backend. What JSONata says is worked out here, before the call and after it: a backend meets
 * references alone.
 * @throws Error where the binding, or an expression, cannot work
 */
export const compileMapped = (backend: Backend, binding: Binding): CompiledCall => {
  const { mapped, ...plain } = binding;
  const { binding: filled, expressions } = withoutExpressions(plain as Binding);
  if (mapped === undefined && expressions.size === 0) return backend.compile(binding);
  // Of GraphQL the whole of `data`, as for every other reference.
  const inner = backend.compile(mapped === undefined ? filled : { ...filled, result: '$' });
  const prepare = expressions.size === 0 ? undefined : preparing(filled, expressions);
  const map = mapped === undefined ? undefined : mapping(mapped);
  return {
    preview: inner.preview,
    ...(prepare === undefined ? {} : { prepare }),
    ...(inner.narrows === undefined || map !== undefined ? {} : { narrows: inner.narrows }),
    async call(input, context) {
      let given = input;
      try {
        if (prepare !== undefined) given = await prepare(input);
      } catch (error) {
        return failed(error, 'upstream.rejected', 'no');
      }
      if (map === undefined) return own(await inner.call(given, context));
      return own(await map((around) => inner.call(given, around), context, binding.kind === 'grpc'));
    },
  };
};

type Prepare = (input: Input) => Promise<Input>;

/** No input has a member of such a name, and one that had would be overwritten. */
const slotOf = (index: number): string => `{jsonata ${index}}`;

/** The binding with a reference in the place of each expression, to a member that `preparing` adds. */
const withoutExpressions = (binding: Binding): { binding: Binding; expressions: Map<string, Expression> } => {
  const expressions = new Map<string, Expression>();
  const slots = new Map<string, string>();
  const by = (text: string): Template => {
    const slot = slots.get(text) ?? slotOf(slots.size);
    if (!slots.has(text)) {
      slots.set(text, slot);
      expressions.set(slot, compileExpression(text));
    }
    return `$.${slot}`;
  };
  const replaced = Object.fromEntries(
    Object.entries(binding).map(([name, part]) => [
      name,
      templateNames.has(name) ? replaceExpressions(part as Template, by) : part,
    ]),
  );
  return { binding: replaced as unknown as Binding, expressions };
};

const templateNames: ReadonlySet<string> = new Set([
  'query',
  'headers',
  'cookies',
  'body',
  'parts',
  'variables',
  'arguments',
  'message',
]);

/** What an expression reads has been used by it, and does not go by name as well. */
const preparing = (binding: Binding, expressions: ReadonlyMap<string, Expression>): Prepare => {
  const kept = new Set(binding.kind === 'rest' ? pathSlots(binding.path) : []);
  for (const [name, part] of Object.entries(binding))
    if (templateNames.has(name)) for (const { text } of leavesOf(part)) kept.add(text.split('.')[1] ?? '');
  const used = new Set([...expressions.values()].flatMap(({ reads }) => reads.map(({ path }) => path[0] ?? '')));
  return async (input) => {
    const prepared: Record<string, Json> = {};
    for (const [name, value] of Object.entries(input))
      if (kept.has(name) || !used.has(name)) prepared[name] = value as Json;
    for (const [slot, { evaluate }] of expressions) {
      const value = await evaluate(input);
      if (value !== undefined) prepared[slot] = value;
    }
    return prepared;
  };
};

/** Maps what comes back: the answer, or each item of one that comes item by item. */
const mapping = (template: Template) => {
  const map = compileMapping(template);
  return async (
    call: (context: CallContext) => Promise<Reply>,
    { items, ...context }: CallContext,
    streams: boolean,
  ): Promise<Reply> => {
    let came = false;
    const each = async (item: unknown): Promise<unknown> => {
      came = true;
      return (await map(item)) ?? null;
    };
    try {
      // What comes in pages is mapped as a whole, so its items are not there before the last.
      const reply = await call(streams ? { ...context, each, ...(items && { items }) } : context);
      if (!reply.ok || came || (streams && isEmptyList(reply.value))) return reply;
      return { ok: true, value: (await map(reply.value)) ?? null };
    } catch (error) {
      if (error instanceof ExpressionError) return failed(error, 'upstream.invalid', 'yes');
      throw error;
    }
  };
};

/** A stream without items: no message of gRPC is a list. */
const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

const failed = (error: unknown, code: 'upstream.rejected' | 'upstream.invalid', reached: 'no' | 'yes'): Failure => {
  if (!(error instanceof ExpressionError)) throw error;
  return { ok: false, code, reached, detail: error.message };
};

/** Pointers to what an expression made mean nothing to a caller. */
const own = (reply: Reply): Reply => {
  if (reply.ok || reply.told?.errors === undefined) return reply;
  const errors = reply.told.errors.map((one) => (one.pointer.startsWith('/{jsonata ') ? { ...one, pointer: '' } : one));
  return { ...reply, told: { ...reply.told, errors } };
};
