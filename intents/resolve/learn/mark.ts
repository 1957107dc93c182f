import { createHash } from 'node:crypto';
import type { LabelledText } from './types.ts';

/** Changes with how learning works, so that nothing learned by another version is taken for its own. */
const version = 5;

/**
 * What stored bytes are found by: changes with any text, label, weight or the encoder, and with how learning works.
 * @param encoderId of the encoder whose vectors are learned from
 */
export const hashOf = (texts: readonly LabelledText[], encoderId: string): string => {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([version, encoderId]));
  for (const { text, label, weight } of texts) hash.update(JSON.stringify([text, label, weight]));
  return hash.digest('hex');
};

/** One short hash a label, of its texts alone. */
export const marksOf = (texts: readonly LabelledText[], labels: readonly string[]): string[] => {
  const byLabel = new Map<string, string[]>(labels.map((label) => [label, []]));
  for (const { text, label, weight } of texts) byLabel.get(label)?.push(JSON.stringify([text, weight]));
  return labels.map((label) =>
    createHash('sha256')
      .update((byLabel.get(label) ?? []).join())
      .digest('base64')
      .slice(0, 16),
  );
};
