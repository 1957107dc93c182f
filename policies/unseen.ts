import type { Provenance } from '../intents/contract.ts';
import { pointerPath } from '../intents/json.ts';
import { labelsAt } from './read.ts';
import type { Rule } from './rules.ts';
import type { Asked } from './types.ts';

/**
 * What no policy need say, and none can lift: where a value decides what a change lands on and neither the caller nor the
 * contract gave it, a person sees it first. A language model proposes, and a backend answers; neither decides.
 */
export const unseenValues: Pick<Rule, 'id' | 'duties'> = {
  id: 'values-nobody-gave',
  duties: [{ type: 'confirm', by: 'self', ttlMs: 120_000, onEffects: undefined }],
};

/**
 * Whether any sink of an intent holds what a model made up, what a backend said, or what nobody told the source of.
 * @param sinks JSON pointers into its input; `*` stands for every item of a list
 */
export const compileUnseen = (sinks: readonly string[]): ((asked: Asked) => boolean) => {
  const compiled = sinks.map((pointer) => ({ pointer, path: pointerPath(pointer) }));
  return (asked) => {
    const { input, provenance } = asked;
    for (const { pointer, path } of compiled) {
      const [name = ''] = path;
      const value = path.length === 1 && Object.hasOwn(input, name) ? input[name] : undefined;
      // Most sinks are one value at the top, with a label of its own.
      if (value !== undefined && typeof value !== 'object') {
        if (isUnseen(provenance[pointer])) return true;
      } else if (labelsAt(asked, path).some(isUnseen)) return true;
    }
    return false;
  };
};

const isUnseen = (label: Provenance | undefined): boolean =>
  label === undefined || label === 'model' || label === 'backend';
