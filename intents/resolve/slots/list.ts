import type { Cut, Found } from './utterance.ts';

const between = /^["']?\s*(?:,|;|&|\+|and|or|,\s*and|,\s*or|and the)?\s*["']?$/i;

/** Joins values that stand in one enumeration ("A-1, A-2 and A-3") into arrays, each over its whole span. */
export const asLists = (values: readonly Found[], { plain }: Cut): Found[] => {
  const lists: (Omit<Found, 'value'> & { value: Found['value'][] })[] = [];
  for (const { start, end, value, grade } of values.toSorted((a, b) => a.start - b.start)) {
    const last = lists.at(-1);
    if (last !== undefined && start < last.end) continue;
    const joined = last !== undefined && between.test(plain.slice(last.end, start));
    if (joined) lists[lists.length - 1] = { ...last, end, value: [...last.value, value] };
    else lists.push({ start, end, grade, value: [value] });
  }
  return lists;
};
