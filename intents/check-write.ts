import type { Check, Intent } from './contract.ts';
import type { IntentDocument } from './contract-document.ts';
import { didYouMean } from './did-you-mean.ts';
import type { JsonSchema } from './json.ts';

/** The member of a checking intent's input that takes the key of the write. */
export const keyMember = 'idempotency_key';

/** `check` of an intent document. */
export const checkOf = (written: Exclude<IntentDocument['check'], undefined>): Check =>
  typeof written === 'string'
    ? { intent: written }
    : { intent: written.intent, ...(written.done === undefined ? {} : { done: written.done.slice(2).split('.') }) };

/**
 * What is wrong with how a write says that it can be found out about.
 * @param intents all of the catalogue
 */
export const faultOfCheck = (
  { name, effect, idempotent, check, input }: Intent,
  intents: readonly Intent[],
  resolveRef: (schema: JsonSchema) => JsonSchema,
): { member: 'idempotent' | 'check'; message: string } | undefined => {
  if (effect === 'read' && (idempotent || check !== undefined))
    return {
      member: idempotent ? 'idempotent' : 'check',
      message: `${name} only reads: nothing of it is ever in doubt.`,
    };
  if (check === undefined) return undefined;
  const wrong = (message: string) => ({ member: 'check', message }) as const;
  const named = intents.filter((one) => one.name === check.intent);
  const asks = named.at(-1);
  if (asks === undefined)
    return wrong(
      `"${check.intent}" is not an intent.${didYouMean(
        check.intent,
        intents.map((one) => one.name),
      )}`,
    );
  if (asks.effect !== 'read')
    return wrong(`"${check.intent}" must be a read: it is asked about a write, and does nothing.`);
  const { properties = {}, required = [] } = asks.input;
  const unfilled = required.filter(
    (member) =>
      member !== keyMember &&
      !Object.hasOwn(input.properties ?? {}, member) &&
      resolveRef(properties[member] ?? {}).default === undefined,
  );
  return unfilled.length === 0
    ? undefined
    : wrong(
        `"${check.intent}" needs ${unfilled.map((member) => `"${member}"`).join(' and ')}, which ${name} does not have. Its input is filled by name, and "${keyMember}" with the key of the write.`,
      );
};
