/** One thing a caller wants, however often it has to ask. */
export interface Op {
  readonly op: string;
  readonly kind: 'plain' | 'once' | 'checked' | 'things';
  readonly keyed: boolean;
  readonly words: boolean;
  /** What it heard at last; undefined: nothing that says what became of it. */
  heard: { readonly status: number; readonly request: string } | undefined;
}

/** A small generator of numbers in [0, 1) from a seed: mulberry32. */
export const randomFrom = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

/** A mix: writes of every kind, with a key and without, reads by name and in words. */
export const newOp = (number: number, random: () => number): Op => {
  const kind = (['plain', 'once', 'checked', 'things'] as const)[Math.floor(random() * 4)] ?? 'plain';
  return {
    op: `op-${number}`,
    kind,
    keyed: random() < 0.7,
    words: kind === 'things' && random() < 0.3,
    heard: undefined,
  };
};

/**
 * Sends it once. @returns whether there was an answer that says what became of it: a connection that broke says nothing,
 * and 409 says to come back
 */
export const send = async (op: Op, url: string): Promise<boolean> => {
  try {
    const response = await fetch(
      op.words ? `${url}/v1/ask` : `${url}/v1/intents/${op.kind === 'things' ? 'things.get' : `${op.kind}.do`}`,
      {
        method: 'POST',
        headers: {
          authorization: 'Bearer key',
          'content-type': 'application/json',
          ...(op.keyed && { 'idempotency-key': op.op }),
        },
        body: JSON.stringify(
          op.words ? { text: 'show thing T-1' } : op.kind === 'things' ? { id: op.op } : { op: op.op },
        ),
        signal: AbortSignal.timeout(10_000),
      },
    );
    await response.arrayBuffer();
    if (response.status === 409) return false;
    op.heard = { status: response.status, request: response.headers.get('ostiary-request-id') ?? '' };
    return true;
  } catch {
    return false;
  }
};
