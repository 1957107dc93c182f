import type { CallToolResult } from '@modelcontextprotocol/server';
import { isObject } from '../../intents/json.ts';
import type { Problem } from '../../intents/problems.ts';
import { trimTo } from '../../intents/trim.ts';
import type { Anywhere, Ended } from '../road/context.ts';
import { type Printed, printConversation, printTyped } from './http-print.ts';

/** Where a result says which request it was, so that its record can be found. */
const requestMeta = 'ostiary.dev/request';
/** Where it says that nothing was done again, and which request it was done for. */
const replayedMeta = 'ostiary.dev/replayed';

/** Where a call says how much it can take in, in bytes of JSON, and a result what was left out for it. */
export const budgetMeta = 'ostiary.dev/max-bytes';
const trimmedMeta = 'ostiary.dev/trimmed';

/** The result of a tool: an output, or a problem that says so. What waits for a yes has not been done, and is a problem. */
export const toToolResult = (ended: Ended, maxBytes?: unknown): CallToolResult => {
  const { outcome, context } = ended;
  if (outcome.kind === 'declined')
    return result({ outcome: 'declined', message: 'Nothing was done: the answer was no.' }, context, true);
  const words = context.request.what.kind === 'ask' && outcome.kind !== 'confirm';
  const { body, problem }: Printed = words ? printConversation(ended, false) : printTyped(ended);
  if (outcome.kind !== 'completed' || !Number.isSafeInteger(maxBytes) || Number(maxBytes) < 2)
    return result(body, context, problem);
  const { value, left } = trimTo(words && isObject(body) ? body.output : body, Number(maxBytes));
  const told = result(words && isObject(body) ? { ...body, output: value } : value, context, problem);
  return left.length === 0 ? told : { ...told, _meta: { ...told._meta, [trimmedMeta]: left } };
};

const result = (body: unknown, { request, replayed }: Anywhere, isError: boolean): CallToolResult => ({
  content: [{ type: 'text', text: isError ? problemText(body as Problem) : JSON.stringify(body) }],
  structuredContent: isObject(body) ? body : { result: body },
  ...(isError ? { isError } : {}),
  _meta: { [requestMeta]: request.id, ...(replayed && { [replayedMeta]: replayed.request }) },
});

const problemText = ({ title, detail, message, confirmation }: Partial<Problem>): string =>
  [
    typeof message === 'string' ? message : `${title}. ${detail}`,
    // What waits, as a person would be shown it.
    ...(isObject(confirmation) ? [String(confirmation.text)] : []),
  ].join('\n');

/** An answer of our own tools. */
export const ownResult = (body: Record<string, unknown>): CallToolResult => ({
  content: [{ type: 'text', text: JSON.stringify(body) }],
  structuredContent: body,
});
