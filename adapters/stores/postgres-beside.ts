import type { Beside } from '../../policies/ports.ts';

/** Between rows, and between the fields of one. No JSON has these characters as they are. */
const row = '\u001e';
const field = '\u001f';
const isWhole = (text: string | undefined) => text === undefined || !(text.includes(row) || text.includes(field));

/** Whether an entry, and what changes beside it, can go to the server as lines. */
export const isPlain = (body: string, beside: Beside | undefined): boolean =>
  isWhole(body) &&
  (beside === undefined ||
    [
      beside.opens?.request,
      beside.opens?.body,
      beside.closes,
      beside.claim?.id,
      beside.claim?.request,
      beside.claim?.answer?.text,
    ].every(isWhole));

/** One text of many, which the server takes apart more quickly than an array, whose every quote is escaped twice. */
export const lines = (texts: readonly string[]): string => texts.join(row);

/**
 * What changes beside a group of entries, a text for each kind of change, as `ostiary.append` reads them: writes that are
 * opened, those that are closed, keys that are answered, and those that are free.
 * @returns null where there is no change of a kind
 */
export const linesOf = (besides: readonly Beside[]): readonly (string | null)[] => {
  // One request is one row: the newest.
  const opened = new Map<string, string>();
  const [closed, answered, freed]: [string[], string[], string[]] = [[], [], []];
  for (const { opens, closes, claim } of besides) {
    if (opens !== undefined) opened.set(opens.request, [opens.request, opens.untilMs, opens.body].join(field));
    if (closes !== undefined) closed.push(closes);
    if (claim?.answer !== undefined)
      answered.push([claim.id, claim.request, claim.answer.expiresMs, claim.answer.text].join(field));
    else if (claim !== undefined) freed.push([claim.id, claim.request].join(field));
  }
  return [[...opened.values()], closed, answered, freed].map((kind) => (kind.length === 0 ? null : lines(kind)));
};
