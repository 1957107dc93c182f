import type { Annotation, Example } from './contract.ts';
import type { Input, Json } from './json.ts';

const bracket = /\[([A-Za-z_][\w./-]*):\s*([^[\]]+?)\s*\]/g;

/**
 * Reads `refund order [order_id: A-1001]`.
 * @throws Error on a bracket that is not `[slot: value]`
 */
export const parseExample = (written: string, input?: Input): Example => {
  const annotations: Annotation[] = [];
  let text = '';
  let from = 0;
  for (const match of written.matchAll(bracket)) {
    text += written.slice(from, match.index);
    const [whole, slot = '', value = ''] = match;
    annotations.push({ slot, value, start: text.length, end: text.length + value.length });
    text += value;
    from = match.index + whole.length;
  }
  text += written.slice(from);
  const stray = text.search(/[[\]]/);
  if (stray >= 0) throw new Error(`a bracket is written [slot: value]; "${text.slice(stray, stray + 20)}" is not`);
  const own: Record<string, Json> = {};
  for (const { slot, value } of annotations) own[slot] = value;
  return { text, annotations, input: input ?? own };
};
