import type { Intent, Provenance } from '../../contract.ts';
import type { Input } from '../../json.ts';
import type { Span } from '../text.ts';
import type { Resolution } from '../types.ts';
import type { Turn } from './state.ts';

/** Why a turn leads to nothing new: what was open stays open. */
export type Unanswered =
  /** Nothing was asked that this could answer. */
  | 'not-asked'
  /** It answers something else than what was asked. */
  | 'does-not-fit'
  /** What it would change has been carried out already. */
  | 'done';

/** What a turn of a conversation comes to. */
export type Turned =
  /** The words were understood by themselves, or with "it" in them replaced. */
  | { readonly kind: 'resolved'; readonly resolution: Resolution; readonly how: 'fresh' | 'reference' }
  /** Made of what came before and of what the words add to it. It grants nothing, and is decided on like any other. */
  | {
      readonly kind: 'proposal';
      readonly how: 'answer' | 'choice' | 'change';
      readonly intent: Intent;
      readonly input: Input;
      /** By JSON pointer. */
      readonly provenance: Readonly<Record<string, Provenance>>;
      readonly resolution: Turn['resolution'];
      readonly purpose: string | undefined;
      /** The words of the turn that asked for it, and where values were read in them. */
      readonly spoken?: { readonly text: string; readonly spans: readonly Span[] };
      /** Words that describe what the member at the pointer means, where they are not its value. */
      readonly described?: { readonly pointer: string; readonly words: string };
    }
  /** A yes or no to what waits for one. */
  | { readonly kind: 'confirmation'; readonly id: string; readonly confirm: boolean }
  /** The question is dropped, and nothing is done. */
  | { readonly kind: 'dismissed' }
  | {
      readonly kind: 'unanswered';
      readonly why: Unanswered;
      /** For the caller. */
      readonly message: string;
      /** Intents that could be meant instead. */
      readonly instead: readonly Intent[];
    };

export const unanswered = (why: Unanswered, message: string, instead: readonly Intent[] = []): Turned => ({
  kind: 'unanswered',
  why,
  message,
  instead,
});
