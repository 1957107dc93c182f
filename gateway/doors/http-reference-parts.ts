import type { Intent } from '../../intents/contract.ts';
import { isObject, type JsonSchema } from '../../intents/json.ts';
import type { Ran } from '../../intents/project/ran.ts';
import type { SchemaLibrary } from '../../intents/schema-library.ts';
import { type Html, html } from './http-html.ts';

type Resolve = SchemaLibrary['resolveRef'];

/** What a page says of one intent. */
export interface Shown {
  readonly intent: Intent;
  /** `orders.refund`, or `orders.refund@1` where there is a newer. */
  readonly address: string;
  readonly purposes: readonly string[];
  readonly ran: readonly Ran[];
}

const effects = {
  read: 'reads',
  write: 'changes something',
  destructive: 'changes something for good',
} as const;

/** One intent: what it means, takes and gives, how it is called, and what came of a call that ran. */
export const printArticle = (shown: Shown, url: string, resolveRef: Resolve): Html => {
  const { intent, address, purposes, ran } = shown;
  const [one] = ran;
  const said = intent.examples.slice(0, 3).map(({ text }) => html`<li><q>${text}</q></li>`);
  return html`<article id="${address}" aria-labelledby="t-${address}">
<h3 id="t-${address}"><a href="#${address}">${intent.title}</a></h3>
<p><code>${address}</code> <span class="effect ${intent.effect}">${effects[intent.effect]}</span> version ${intent.version}${purposes.length === 0 ? '' : `, for ${purposes.join(', ')}`}</p>
${intent.deprecated && html`<p class="note"><strong>Deprecated</strong> since ${intent.deprecated.since}.${intent.deprecated.sunset && ` It may be gone from ${intent.deprecated.sunset} on.`}${intent.deprecated.use && ` Use ${intent.deprecated.use}.`}</p>`}
${intent.description && html`<p>${intent.description}</p>`}
${said.length > 0 ? html`<p>In words:</p><ul>${said}</ul>` : ''}
${printFields('Input', intent.input, resolveRef)}
${intent.output === undefined ? html`<p>The output is what the backend answers.</p>` : printFields('Output', intent.output, resolveRef)}
${printCall('Call', `${url}/v1/intents/${address}`, one?.input ?? sketch(intent.input, resolveRef))}
${one === undefined ? '' : html`<p>It was answered:</p><pre><code>${JSON.stringify(one.output, null, 2)}</code></pre>`}
</article>`;
};

const printCall = (title: string, url: string, input: unknown): Html => {
  const body = JSON.stringify(input).replaceAll("'", "'\\''");
  return html`<p>${title}:</p><pre><code>curl -s ${url} \\
  -H "authorization: Bearer $KEY" -H 'content-type: application/json' \\
  -d '${body}'</code></pre>`;
};

interface Row {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly about: string;
}
const maxDepth = 4;
const mostRows = 200;

const printFields = (caption: string, schema: JsonSchema, resolveRef: Resolve): Html => {
  const rows: Row[] = [];
  collect(schema, resolveRef, [], rows);
  if (rows.length === 0)
    return html`<p>${caption}: ${typeText(resolveRef(schema), resolveRef)}, with no members that are listed.</p>`;
  return html`<table><caption>${caption}</caption><thead><tr><th scope="col">Member</th><th scope="col">What it is</th><th scope="col">What it means</th></tr></thead><tbody>${rows.map(
    ({ name, type, required, about }) =>
      html`<tr><th scope="row"><code>${name}</code>${required ? html` <em>required</em>` : ''}</th><td>${type}</td><td>${about}</td></tr>`,
  )}</tbody></table>`;
};

const collect = (written: JsonSchema, resolveRef: Resolve, path: readonly string[], rows: Row[]): void => {
  let here = resolveRef(written);
  let at = path;
  while (isObject(here.items)) {
    here = resolveRef(here.items);
    at = at.length === 0 ? ['[]'] : [...at.slice(0, -1), `${at.at(-1)}[]`];
  }
  if (at.length >= maxDepth) return;
  for (const [name, member] of Object.entries(here.properties ?? {})) {
    if (rows.length >= mostRows) return;
    const inner = isObject(member) ? resolveRef(member) : {};
    rows.push({
      name: [...at, name].join('.'),
      type: typeText(inner, resolveRef),
      required: here.required?.includes(name) ?? false,
      about: [
        inner.description ?? inner.title ?? '',
        ...(inner.default === undefined ? [] : [`Left out, it is ${JSON.stringify(inner.default)}.`]),
      ].join(' '),
    });
    collect(inner, resolveRef, [...at, name], rows);
  }
};

const bounds: readonly [string, string][] = [
  ['format', ''],
  ['pattern', 'matches '],
  ['minLength', 'characters from '],
  ['maxLength', 'characters up to '],
  ['minimum', 'from '],
  ['exclusiveMinimum', 'above '],
  ['maximum', 'up to '],
  ['exclusiveMaximum', 'below '],
  ['maxItems', 'items up to '],
];

const typeText = (schema: JsonSchema, resolveRef: Resolve): string => {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined)
    return schema.enum
      .slice(0, 30)
      .map((one) => JSON.stringify(one))
      .join(' | ');
  const alternatives = [schema.oneOf, schema.anyOf].find(Array.isArray) as readonly unknown[] | undefined;
  if (alternatives !== undefined)
    return `one of: ${alternatives.map((one) => (isObject(one) ? typeText(resolveRef(one), resolveRef) : 'anything')).join('; ')}`;
  const kinds = [schema.type ?? (schema.properties === undefined ? 'anything' : 'object')].flat();
  const of = isObject(schema.items) ? ` of ${typeText(resolveRef(schema.items), resolveRef)}` : '';
  const more = bounds.flatMap(([keyword, words]) =>
    schema[keyword] === undefined ? [] : [`${words}${String(schema[keyword])}`],
  );
  return [`${kinds.join(' or ')}${of}`, ...more].join(', ');
};

/** What a call looks like where none ran: names of what is required, with what its contract says of it in their place. */
const sketch = (input: JsonSchema, resolveRef: Resolve): Record<string, string> =>
  Object.fromEntries(
    (input.required ?? []).map((name) => {
      const member = input.properties?.[name];
      const { title } = isObject(member) ? resolveRef(member) : {};
      return [name, `<${title ?? name}>`];
    }),
  );
