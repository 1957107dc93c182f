import type { Input } from '../../intents/json.ts';
import type { Answer } from '../gateway/start-shop.ts';
import type { Call } from './random-calls.ts';

/** What a caller hears of one request. */
export type Told =
  | { readonly kind: 'output'; readonly output: unknown }
  | { readonly kind: 'confirm'; readonly text: string }
  | { readonly kind: 'declined' }
  | { readonly kind: 'problem'; readonly problem: Answer };

export interface Went {
  readonly told: readonly Told[];
  /** Ids of the requests, as far as the door names them; the last is always there. */
  readonly requests: readonly string[];
  /** The door's own schema kept the call from the road. */
  readonly unread?: 'value' | 'name';
}

/** One way into the gateway. */
export interface Way {
  readonly name: string;
  /** @returns undefined where this door has no words for such a call */
  go(call: Call): Promise<Went | undefined>;
  close(): Promise<void> | void;
}

/** A problem without what differs between two requests that are alike, and what is said in the words of a door. */
export const problemOf = ({
  code,
  status,
  detail,
  errors,
  confirmation,
  decision,
  outcome: _outcome,
}: Answer): Told => {
  if (code === 'confirm.required') return { kind: 'confirm', text: confirmation.text };
  // Where else to look is told in the words of the door.
  const spoken = code === 'intent.unknown' ? {} : { detail };
  return {
    kind: 'problem',
    problem: { code, status, ...spoken, ...(errors && { errors }), reasoned: decision !== undefined },
  };
};

/** Over HTTP, as JSON. */
export const httpWay = (url: string): Way => {
  const post = async (path: string, body: Input, { key, purpose }: Call) => {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        ...(purpose !== undefined && { 'ostiary-purpose': purpose }),
      },
      body: JSON.stringify(body),
    });
    return {
      body: (await response.json()) as Answer,
      ok: response.ok,
      request: String(response.headers.get('ostiary-request-id')),
    };
  };
  return {
    name: 'HTTP',
    async go(call) {
      const first = await post(`/v1/intents/${call.intent}`, call.input, call);
      if (first.ok) return { told: [{ kind: 'output', output: first.body }], requests: [first.request] };
      const told = problemOf(first.body);
      if (told.kind !== 'confirm') return { told: [told], requests: [first.request] };
      const path = `/v1/confirmations/${first.body.confirmation.id}`;
      const second = await post(path, { confirm: call.yes }, call);
      return { told: [told, answered(second.ok, second.body)], requests: [first.request, second.request] };
    },
    close: () => {},
  };
};

/** What comes of a yes or no, where it is told as part of a conversation. */
export const answered = (ok: boolean, body: Answer): Told => {
  if (!ok) return problemOf(body);
  return body.outcome === 'declined' ? { kind: 'declined' } : { kind: 'output', output: body.output };
};
