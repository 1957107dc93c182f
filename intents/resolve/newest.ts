import type { Intent } from '../contract.ts';

/** Keeps the newest major of each name, in the order given: words never mean an old one. */
export const newestMajors = (intents: readonly Intent[]): Intent[] => {
  const newest = new Map<string, Intent>();
  for (const intent of intents)
    if ((newest.get(intent.name)?.major ?? Number.NEGATIVE_INFINITY) < intent.major) newest.set(intent.name, intent);
  return intents.filter((intent) => newest.get(intent.name) === intent);
};
