import type { RestPages } from '../../intents/contract.ts';
import type { CallContext, Failure, Reply } from '../../intents/ports.ts';
import { failure, Unsendable } from './failure.ts';
import type { HttpAnswer } from './http-exchange.ts';
import { isObject } from './is-object.ts';
import { compileResult } from './template.ts';

export interface PagesOptions {
  /** The address of the backend: pages stay below it. */
  readonly url: URL;
  /** What the configuration adds to every query. */
  readonly query?: Readonly<Record<string, string>> | undefined;
  /** Of all pages that are kept together. */
  readonly maxBytes: number;
}

/** How one page is had. */
export interface PageSource {
  /** @param path with its query */
  send(path: string): Promise<HttpAnswer | Failure>;
  read(answer: HttpAnswer): Reply;
}

interface Page {
  readonly value: unknown;
  readonly items: readonly unknown[];
  readonly bytes: number;
}

const usual = { pages: 20, items: 10_000 };

/**
 * Compiles how a list that comes in pages is read to its end, one page after another.
 * @param result of the binding: where it is the list itself, its items can be passed on as they come
 * @returns a function of the first path; its value is what `result` picks of the first page with the items of all, or an
 * empty list where they were passed on. It rejects with Unsendable, and with what whoever takes the items rejects with
 * @throws Error where it cannot work
 */
export const compilePages = (
  pages: RestPages,
  result: string | undefined,
  options: PagesOptions,
): ((path: string, source: PageSource, context: CallContext) => Promise<Reply>) => {
  const { most = usual.pages, mostItems = usual.items, more = 'fail', items: at = '$' } = pages;
  const passes = (result ?? '$') === at;
  const pick = compileResult(result);
  return async (first, source, context) => {
    const all: unknown[] = [];
    const passOn = passes ? context.items : undefined;
    let [count, bytes, taken] = [0, 0, 0];
    let whole: unknown;
    for await (const page of pagesFrom(firstOf(pages, first), pages, source, options)) {
      if ('ok' in page) return page;
      count++;
      // What is passed on is kept by nobody.
      bytes = passOn === undefined ? bytes + page.bytes : page.bytes;
      if (bytes > options.maxBytes) return invalid(`The pages have more than ${options.maxBytes} bytes.`);
      if (count === 1) whole = page.value;
      for (const item of page.items) {
        if (taken === mostItems) {
          if (more === 'fail') return invalid(`There are more than ${mostItems} items.`);
          return { ok: true, value: passOn === undefined ? pick(withItems(whole, at, all)) : [] };
        }
        taken++;
        if (passOn === undefined) all.push(item);
        else await passOn(item);
      }
      if (count === most && page.more) {
        if (more === 'fail') return invalid(`There are more than ${most} pages.`);
        break;
      }
    }
    return { ok: true, value: passOn === undefined ? pick(withItems(whole, at, all)) : [] };
  };
};

const invalid = (detail: string): Failure => failure('upstream.invalid', 'yes', detail);

/** One page after another, until there is none; a failure is the last. Nothing is asked for before it is wanted. */
const pagesFrom = async function* (
  begin: string,
  pages: RestPages,
  source: PageSource,
  options: PagesOptions,
): AsyncGenerator<(Page & { readonly more: boolean }) | Failure> {
  const itemsOf = compileResult(pages.items);
  const seen = new Set<string>();
  let state: State = { path: begin, page: 0, items: 0 };
  for (;;) {
    seen.add(state.path);
    const answer = await source.send(state.path);
    if (!answer.ok) return yield answer;
    const reply = source.read(answer);
    if (!reply.ok) return yield reply;
    const items = itemsOf(reply.value) ?? [];
    if (!Array.isArray(items)) return yield invalid(`What stands at ${pages.items ?? '$'} of a page is no list.`);
    const next = nextOf(pages, begin, { answer, value: reply.value, items, state }, options);
    if (typeof next === 'object') return yield next;
    yield { value: reply.value, items, bytes: answer.bytes.length, more: next !== undefined };
    if (next === undefined) return;
    if (seen.has(next)) return yield invalid('A page leads back to one before it.');
    state = { path: next, page: state.page + 1, items: state.items + items.length };
  }
};

interface State {
  readonly path: string;
  readonly page: number;
  /** Of the pages before. */
  readonly items: number;
}
interface Had {
  readonly answer: HttpAnswer;
  readonly value: unknown;
  readonly items: readonly unknown[];
  readonly state: State;
}

const firstOf = (pages: RestPages, path: string): string => {
  if (pages.by === 'link' || pages.by === 'next') return path;
  if (new URL(path, 'http://pages.invalid').searchParams.has(pages.parameter))
    throw new Unsendable(`"${pages.parameter}" in the query is for the pages to set.`);
  return pages.by === 'cursor' ? path : withParameter(path, pages.parameter, startOf(pages));
};

const startOf = ({ by, first }: Extract<RestPages, { by: 'number' | 'offset' }>): number =>
  first ?? (by === 'number' ? 1 : 0);

/** @returns the next path, undefined where this was the last page, or why it cannot be had */
const nextOf = (
  pages: RestPages,
  begin: string,
  { answer, value, items, state }: Had,
  options: PagesOptions,
): string | Failure | undefined => {
  switch (pages.by) {
    case 'link':
      return sameBackend(nextLink(answer.link ?? ''), state.path, options);
    case 'next': {
      const next = compileResult(pages.at)(value);
      if (next === null || next === '' || next === false) return undefined;
      return typeof next === 'string'
        ? sameBackend(next, state.path, options)
        : invalid(`What stands at ${pages.at} is no address.`);
    }
    case 'cursor': {
      const cursor = compileResult(pages.at)(value);
      if (cursor === null || cursor === '' || cursor === false) return undefined;
      if (typeof cursor !== 'string' && typeof cursor !== 'number')
        return invalid(`What stands at ${pages.at} is no cursor.`);
      return withParameter(begin, pages.parameter, cursor);
    }
    default: {
      if (items.length === 0 || (pages.size !== undefined && items.length < pages.size)) return undefined;
      const start = startOf(pages);
      const next = pages.by === 'number' ? start + state.page + 1 : start + state.items + items.length;
      return withParameter(begin, pages.parameter, next);
    }
  }
};

/** Puts a parameter into a query, in the place of one of that name. */
const withParameter = (path: string, name: string, value: string | number): string => {
  const [before = '', query = ''] = path.split('?', 2);
  const key = encodeURIComponent(name);
  const kept = query.split('&').filter((pair) => pair !== '' && !pair.startsWith(`${key}=`));
  return `${before}?${[...kept, `${key}=${encodeURIComponent(value)}`].join('&')}`;
};

/** A page is had from the configured host alone, and below its path, with what belongs to the configuration left out. */
const sameBackend = (
  link: string | undefined,
  from: string,
  { url, query = {} }: PagesOptions,
): string | Failure | undefined => {
  if (link === undefined) return undefined;
  const base = url.pathname.replace(/\/*$/, '/');
  if (!URL.canParse(link, new URL(from, url.origin))) return invalid('The address of the next page is none.');
  const next = new URL(link, new URL(from, url.origin));
  if (next.origin !== url.origin || !next.pathname.startsWith(base) || next.username !== '' || next.password !== '')
    return invalid(
      `The next page is said to be at ${next.origin}${next.pathname}, which is not below ${url.origin}${base}.`,
    );
  for (const name of Object.keys(query)) next.searchParams.delete(name);
  return next.pathname + next.search;
};

/** The target of `rel="next"` in a Link header (RFC 8288, section 3). */
export const nextLink = (header: string): string | undefined => {
  for (const [, target = '', parameters = ''] of header.slice(0, 16_384).matchAll(/<([^<>]*)>([^<]*)/g)) {
    const rel = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i.exec(parameters);
    if ((rel?.[1] ?? rel?.[2] ?? '').toLowerCase().split(/\s+/).includes('next')) return target;
  }
  return undefined;
};

/** The first page with all items in the place of its own. */
const withItems = (page: unknown, at: string, items: readonly unknown[]): unknown => {
  const put = (here: unknown, [name, ...rest]: readonly string[]): unknown => {
    if (name === undefined) return items;
    return isObject(here) ? { ...here, [name]: put(here[name], rest) } : here;
  };
  return put(page, at.split('.').slice(1));
};
