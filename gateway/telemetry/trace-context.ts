import type { Trace } from './telemetry.ts';

/** Source: W3C Trace Context, section 3.2.2. Of a later version what this one has is read. */
const form = /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(-.*)?$/;
/** As long as must be handed on (section 3.3.1.5); what is longer, or cannot stand in a header, is dropped as a whole. */
const stateForm = /^[\x20-\x7e]{1,512}$/;

export interface ParentContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: number;
  readonly state: string | undefined;
}

/** Reads the context of a caller. @returns undefined where there is none, or none that can be read: a trace then begins here */
export const readParent = (parent: unknown, state?: unknown): ParentContext | undefined => {
  if (typeof parent !== 'string' || parent.length > 200) return undefined;
  const [, version, traceId = '', spanId = '', flags = '', more] = form.exec(parent) ?? [];
  if (version === undefined || (version === '00' && more !== undefined)) return undefined;
  return {
    traceId,
    spanId,
    flags: Number.parseInt(flags, 16) & 1,
    state: typeof state === 'string' && stateForm.test(state) ? state : undefined,
  };
};

/** The trace that a caller brought along, to be handed on as it came where this gateway adds nothing to it. */
export const carriedTrace = (parent: unknown, state?: unknown): Trace | undefined => {
  if (parent === undefined) return undefined;
  const found = readParent(parent, state);
  return found && { id: found.traceId, headers: headersOf(found) };
};

/** As a header of version 00. */
export const headersOf = ({ traceId, spanId, flags, state }: ParentContext): Record<string, string> => ({
  traceparent: `00-${traceId}-${spanId}-0${flags}`,
  ...(state === undefined ? {} : { tracestate: state }),
});
