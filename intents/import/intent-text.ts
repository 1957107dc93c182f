import type { DraftIntent } from './draft.ts';
import { intentParts } from './intent-parts.ts';

/** Writes one intent as a YAML document. */
export const intentText = (draft: DraftIntent): string => [...intentParts(draft).values()].join('');
