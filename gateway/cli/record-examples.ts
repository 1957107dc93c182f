import type { Catalogue } from '../../intents/catalogue.ts';
import type { Intent } from '../../intents/contract.ts';
import { type Input, isObject, type Json } from '../../intents/json.ts';
import { contractMark, type Ran } from '../../intents/project/ran.ts';
import { compileInput } from '../../intents/validate.ts';
import { visiblePart } from '../../policies/visible.ts';
import { classedPaths } from '../classed.ts';

/** Carries a call out. @returns what was answered, or why it was not */
export type RunCall = (
  intent: Intent,
  input: Input,
) => Promise<{ readonly output: unknown } | { readonly fault: string }>;

export interface Recorded {
  readonly ran: readonly Ran[];
  /** Intents without an example, each with the reason. */
  readonly without: readonly { readonly intent: string; readonly why: string }[];
}

/** Of one intent so many are tried, and so many kept. */
const mostTried = 6;
const mostKept = 1;

/**
 * Runs examples of contracts and keeps what was answered: never anything that was not. Values of class personal or secret
 * are left out of an answer; one that does not fit its contract then, or never did, is not kept.
 * @param writes whether what changes something is run too
 */
export const recordExamples = async (
  { intents, library }: Catalogue,
  run: RunCall,
  writes: boolean,
): Promise<Recorded> => {
  const ran: Ran[] = [];
  const without: { intent: string; why: string }[] = [];
  for (const intent of intents) {
    if (intent.effect !== 'read' && !writes) {
      without.push({ intent: intent.id, why: 'it changes something: --writes runs it' });
      continue;
    }
    const check = compileInput(intent, library);
    const classed = classedPaths(intent.output ?? {}, ['personal', 'secret'], library.resolveRef);
    const fields = Object.fromEntries(classed.map((path) => [`/${path.join('/')}`, 'drop' as const]));
    let [kept, why] = [0, 'none of its examples has all that it needs'];
    const tried = new Set<string>();
    for (const { text, input: written } of intent.examples) {
      if (kept >= mostKept || tried.size >= mostTried) break;
      const input = typed(written, intent, library.resolveRef);
      const { missing, wrong } = check(input);
      const key = JSON.stringify(input);
      if (missing.length + wrong.length > 0 || tried.has(key)) continue;
      tried.add(key);
      const answered = await run(intent, input);
      if ('fault' in answered) {
        why = answered.fault;
        continue;
      }
      const output = visiblePart(answered.output, {
        fields: undefined,
        obligations: [{ type: 'redact', rule: '', fields }],
      });
      if (intent.output !== undefined && !library.validator(intent.output)(output)) {
        why = 'what was answered does not fit the contract, or not without what is personal';
        continue;
      }
      ran.push({ intent: intent.id, contract: contractMark(intent), text, input, output });
      kept++;
    }
    if (kept === 0) without.push({ intent: intent.id, why });
  }
  return { ran, without };
};

/** The words of an example as the values that they stand for, where that is plain. */
const typed = (input: Input, intent: Intent, resolveRef: Catalogue['library']['resolveRef']): Input =>
  Object.fromEntries(
    Object.entries(input).map(([name, value]): [string, Json] => {
      const member = intent.input.properties?.[name];
      const { type, enum: allowed = [], 'x-synonyms': synonyms } = isObject(member) ? resolveRef(member) : {};
      if (typeof value !== 'string') return [name, value];
      if ((type === 'number' || type === 'integer') && value !== '' && Number.isFinite(Number(value)))
        return [name, Number(value)];
      const meant = allowed.find(
        (one) =>
          String(one).toLowerCase() === value.toLowerCase() ||
          (isObject(synonyms) &&
            [synonyms[String(one)]].flat().some((word) => String(word).toLowerCase() === value.toLowerCase())),
      );
      return [name, meant ?? value];
    }),
  );

/** Calls through the HTTP door of a running gateway, and says yes where that is wanted. */
export const overHttp =
  (url: string, key: string): RunCall =>
  async ({ name, major }, input) => {
    const post = async (path: string, body: object) => {
      const response = await fetch(new URL(path, url), {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(60_000),
      });
      const answered = (await response.json()) as Record<string, unknown>;
      return { status: response.status, answered };
    };
    const first = await post(`/v1/intents/${name}@${major}`, input);
    if (first.status === 200) return { output: first.answered };
    const { confirmation, code, detail } = first.answered;
    if (code !== 'confirm.required' || !isObject(confirmation)) return { fault: `${String(code)}: ${String(detail)}` };
    const second = await post(`/v1/confirmations/${String(confirmation.id)}`, { confirm: true });
    if (second.status === 200 && second.answered.outcome === 'completed') return { output: second.answered.output };
    return { fault: `${String(second.answered.code)}: ${String(second.answered.detail)}` };
  };
