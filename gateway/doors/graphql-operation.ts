import DataLoader from 'dataloader';
import type { GraphqlEntity } from '../../intents/project/graphql-model.ts';
import type { Presented } from '../../policies/tokens/possession.ts';
import type { Gate } from '../gate.ts';
import type { Ended, Request } from '../road/context.ts';
import { travel } from '../road/road.ts';
import type { Trace } from '../telemetry/telemetry.ts';
import { bodyOf } from './graphql-errors.ts';
import { tooMuch } from './graphql-limits.ts';
import { printTyped } from './http-print.ts';

/** What an HTTP request brought along for the fields that it asks for. */
export interface GraphqlCaller {
  readonly id: string;
  readonly bearer: string | undefined;
  readonly presented: Presented | undefined;
  readonly purpose: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly ip: string | undefined;
  readonly trace: Trace | undefined;
  readonly signal: AbortSignal;
}

/** An item of a list as it came, or why no more come. */
export type Streamed = { readonly item: unknown } | { readonly error: unknown };

/** One operation under way: what its fields share. */
export interface GraphqlOperation {
  readonly gate: Gate;
  /** The schema as this caller sees it. */
  readonly sdl: () => string;
  /** Takes what a field asks for down the road, as a request of its own. */
  take(what: Request['what'], more?: Pick<Request, 'idempotencyKey' | 'fields'>): Promise<Ended>;
  /**
   * The output of a typed call that a field of the operation stands for: asked for once, however often the field is looked at.
   * @param response what the field is called in the answer
   * @throws GraphQLError with the problem where there is none
   */
  output(response: string, what: Request['what'], more?: Pick<Request, 'idempotencyKey' | 'fields'>): Promise<unknown>;
  /** The same where it is a list, item by item: as they come where the backend streams, and no faster than they are read. */
  stream(what: Request['what'], more?: Pick<Request, 'fields'>): AsyncIterable<Streamed>;
  /** Something by its identifier: each is asked for once, however many fields want it. */
  join(entity: GraphqlEntity, id: string): Promise<unknown>;
  /** What a value that was joined is. */
  kindOf(value: unknown): string | undefined;
  /** The caller's key for a field that writes; each field of several has its own. */
  keyFor(response: string, alone: boolean): string | undefined;
}

/** @param wanted which members of a thing the operation speaks of at all */
export const graphqlOperation = (
  gate: Gate,
  caller: GraphqlCaller,
  sdl: () => string,
  wanted: (entity: GraphqlEntity) => readonly string[],
): GraphqlOperation => {
  const { calls: most, at_once: atOnce } = gate.config.doors.graphql;
  const { id, idempotencyKey, ...shared } = caller;
  const inTurn = turnstile(atOnce);
  let calls = 0;
  const outputs = new Map<string, Promise<unknown>>();
  const loaders = new Map<GraphqlEntity, DataLoader<string, unknown>>();
  const kinds = new WeakMap<object, string>();

  const send = (
    what: Request['what'],
    more: Pick<Request, 'parent' | 'idempotencyKey' | 'fields' | 'items'>,
  ): Promise<Ended> => {
    if (++calls > most) throw tooMuch('number of calls', calls, most);
    const first = calls === 1;
    return inTurn(async () => {
      // Whoever left, or whose time is up, begins nothing more.
      caller.signal.throwIfAborted();
      return travel(
        {
          ...shared,
          ...more,
          // The first is the one that the answer's header names.
          id: first ? id : gate.nextId(),
          door: 'graphql',
          what,
          explain: false,
          now: new Date(),
        },
        gate,
      );
    });
  };
  const completed = (ended: Ended): unknown => bodyOf(printTyped(ended));
  const answered = async (...[what, more]: Parameters<typeof send>): Promise<unknown> =>
    completed(await send(what, more));

  const stream = (what: Request['what'], more: Pick<Request, 'fields'>): AsyncIterable<Streamed> => {
    // Nothing is held between the two: a write is done when it has been read.
    const { readable, writable } = new TransformStream<Streamed, Streamed>(undefined, undefined, { highWaterMark: 0 });
    const writer = writable.getWriter();
    // Where nobody reads on, the signal ends the call.
    const pass = (streamed: Streamed) => writer.write(streamed).catch(() => {});
    const items = (item: unknown) => pass({ item });
    const begin = async () => {
      const rest = completed(await send(what, { ...more, items }));
      for (const item of Array.isArray(rest) ? rest : []) await items(item);
    };
    void begin()
      .catch((error: unknown) => pass({ error }))
      .then(() => writer.close())
      .catch(() => {});
    return readable.values();
  };

  const loaderOf = (entity: GraphqlEntity): DataLoader<string, unknown> => {
    let loader = loaders.get(entity);
    if (loader === undefined) {
      const fields = gate.compiled.get(entity.intent.id)?.narrow ? wanted(entity) : undefined;
      const read = async (one: string): Promise<unknown> => {
        const what = {
          kind: 'typed',
          name: entity.intent.name,
          major: undefined,
          input: { [entity.argument]: one },
        } as const;
        const value = completed(await send(what, { parent: id, ...(fields && { fields }) }));
        if (typeof value === 'object' && value !== null) kinds.set(value, entity.object.name);
        return value;
      };
      loader = new DataLoader<string, unknown>((ids) =>
        Promise.all(ids.map((one) => read(one).catch((error: unknown) => error as Error))),
      );
      loaders.set(entity, loader);
    }
    return loader;
  };

  return {
    gate,
    sdl,
    take: (what, more = {}) => send(what, more),
    output: (response, what, more = {}) => {
      let output = outputs.get(response);
      if (output === undefined) {
        output = answered(what, more);
        outputs.set(response, output);
      }
      return output;
    },
    stream: (what, more = {}) => stream(what, more),
    join: (entity, one) => loaderOf(entity).load(one),
    kindOf: (value) => (typeof value === 'object' && value !== null ? kinds.get(value) : undefined),
    keyFor: (response, alone) =>
      idempotencyKey === undefined || alone ? idempotencyKey : `${idempotencyKey}.${response}`,
  };
};

/** What a thing can be asked for by. */
export const isIdentifier = (id: unknown): boolean => typeof id === 'string' || Number.isSafeInteger(id);

/** So many at a time; the others wait, in the order they came. */
const turnstile = (atOnce: number): (<T>(work: () => Promise<T>) => Promise<T>) => {
  let inside = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (inside >= atOnce) await new Promise<void>((go) => waiting.push(go));
    else inside++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // Whoever is next takes the place over.
      if (next === undefined) inside--;
      else next();
    }
  };
};
