import type { Effect } from '../contract.ts';
import { type JsonSchema, pointerSegment } from '../json.ts';
import { kebab } from './naming.ts';
import { cut, plainText } from './plain-text.ts';
import { sampleValue, spokenName } from './utterances.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));
const reading = words(
  'get list search find fetch query lookup describe read count check show view watch preview estimate compare download peek resolve has is can stat browse',
);
const destroying = words('delete remove destroy purge drop revoke wipe erase terminate clear uninstall unlink expunge');
const writing = words(
  'create add update set change edit put post patch save insert upsert replace move rename copy clone merge import submit send cancel close open reopen start stop restart pause resume enable disable approve reject accept dismiss lock unlock pin unpin archive unarchive mark unmark follow unfollow subscribe unsubscribe link transfer publish register deregister request invite grant assign convert minimize unminimize reset refund pay place apply attach detach bind connect disconnect sync run execute rerun generate undelete restore migrate reorder resend rotate retry abort commit rollback verify validate begin end write append ack acknowledge pull push deploy join leave launch process release renew suspend unsuspend block unblock upload batch import export invoke call ask answer reply make do',
);

/**
 * Reads off the verb of a name what an operation does: `GetTopic` reads, `purgeQueue` destroys.
 * @param otherwise where the verb is none that is known
 */
export const effectOfName = (name: string, otherwise: Effect): Effect => {
  const [first = '', second = ''] = kebab(name).split('-');
  const verb = first === 'batch' ? second : first;
  return reading.has(verb) ? 'read' : destroying.has(verb) ? 'destructive' : writing.has(verb) ? 'write' : otherwise;
};

/**
 * Names an operation that is called like `createIssue`: `issue` and `create`; without a verb `fallback` is one.
 * @param home group of what is a verb alone, as `search`
 */
export const verbName = (
  name: string,
  fallback: string,
  home: string,
): { readonly group: string; readonly rest: string } => {
  const whole = kebab(name);
  const [verb = '', ...noun] = whole.split('-');
  if (!reading.has(verb) && !destroying.has(verb) && !writing.has(verb))
    return { group: whole || home, rest: fallback };
  return noun.length === 0 ? { group: home, rest: verb } : { group: kebab(noun.join('-'), 50), rest: verb };
};

/** The first sentence of a description, as a title; '' where there is none that is short enough. */
export const titleOf = (description: string): string => {
  const [sentence = ''] = /^.+?(?=[.!?:](\s|$)|\n\s*\n|$)/s.exec(plainText(description, 400)) ?? [];
  return sentence.length > 3 && sentence.length <= 120 ? sentence : '';
};

/**
 * Says which members of an input decide where an effect lands, as pointers: what is required, and what names something by
 * an identifier or an address. A guess on the careful side, for a person to correct.
 */
export const sinksOf = ({ required = [], properties = {} }: JsonSchema): string[] =>
  Object.keys(properties)
    .filter(
      (name) =>
        required.includes(name) ||
        /(^|-)(ids?|key|name|parent|number|ur[il]|email|to|recipient|account|address)$/.test(kebab(name)),
    )
    .map((name) => `/${pointerSegment(name)}`);

/**
 * Makes three ways of asking for an operation out of its title, its name and its required values.
 * @param named `create issue`
 */
export const rpcUtterances = (
  title: string,
  named: string,
  { required = [], properties = {} }: Pick<JsonSchema, 'required' | 'properties'>,
): string[] => {
  const summary = cut(title.replace(/[[\]]/g, '').replace(/[.\s]+$/, ''), 300);
  const spoken = /^[A-Z][a-z]*(\s|$)/.test(summary) ? summary.charAt(0).toLowerCase() + summary.slice(1) : summary;
  const slots = required
    .filter((slot) => /^[A-Za-z_][\w-]*$/.test(slot) && isScalar(properties[slot]))
    .slice(0, 3)
    .map((slot) => `${spokenName(slot)} [${slot}: ${sampleValue(slot, properties[slot])}]`);
  const wanted = [
    spoken,
    named,
    ...(slots.length > 0 ? [`${named} for ${slots.join(' and ')}`] : []),
    `please ${named}`,
    `I want to ${named}`,
    `can you ${named}`,
  ].filter((text) => text.trim() !== '');
  return [...new Map(wanted.map((text) => [text.toLowerCase(), text])).values()].slice(0, 3);
};

const isScalar = (schema: JsonSchema | undefined): boolean =>
  ![schema?.type].flat().some((type) => type === 'object' || type === 'array') && schema?.$ref === undefined;
