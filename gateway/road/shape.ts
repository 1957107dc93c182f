import { OstiaryError } from '../../intents/problems.ts';
import { partOf, visiblePart } from '../../policies/visible.ts';
import type { Gate } from '../gate.ts';
import type { Called, Outcome } from './context.ts';

/** Deeper than any contract, and far from where writing JSON or hiding fields would run out of stack. */
const maxDepth = 100;

/** What of the answer leaves: what the contract lists, then what the policy lets this caller see, then what is wanted. */
export const shape = (context: Called, gate: Gate): { outcome: Outcome } => {
  const { compiled, decision, request, forwarded } = context;
  const tooDeep = isDeeper(context.answer, maxDepth);
  const { value, broken } = tooDeep
    ? { value: null, broken: [{ pointer: '', detail: `is nested deeper than ${maxDepth} levels` }] }
    : compiled.shape(context.answer);
  if (broken.length > 0) {
    const { intent } = compiled;
    gate.log('warn', 'the backend broke its output schema', { request: request.id, intent: intent.id, broken });
    if (intent.outputMode === 'strict' || tooDeep) {
      const error = new OstiaryError(
        'output.invalid',
        `"${intent.call.backend}" answered something that ${intent.name} does not promise.`,
        {},
      );
      return { outcome: { kind: intent.effect === 'read' ? 'failed' : 'unknown', error, log: JSON.stringify(broken) } };
    }
  }
  // What the policy hides stays hidden, whatever is wanted.
  const visible = visiblePart(value, decision);
  const seen = forwarded?.back === undefined ? visible : forwarded.back.make(visible);
  return { outcome: { kind: 'completed', output: request.fields === undefined ? seen : partOf(seen, request.fields) } };
};

const isDeeper = (value: unknown, left: number): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  if (left === 0) return true;
  return (Array.isArray(value) ? value : Object.values(value)).some((inner) => isDeeper(inner, left - 1));
};
