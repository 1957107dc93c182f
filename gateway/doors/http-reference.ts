import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { OstiaryError, type Problem, problems, toProblem } from '../../intents/problems.ts';
import type { Principal } from '../../policies/types.ts';
import type { Gate } from '../gate.ts';
import { ranFor } from '../ran-examples.ts';
import { recordRefusal } from '../road/answer.ts';
import { type Html, html } from './http-html.ts';
import { bearerOf, presentedBy } from './http-read.ts';
import { printArticle, type Shown } from './http-reference-parts.ts';

const path = '/reference';
/** Longer is no key or token of ours. */
const maxForm = 20_000;

/**
 * The API reference, for people: a page of the contracts that a caller may call, made here of nothing but them. A browser
 * shows its credential in a form, which keeps it out of addresses and histories; other clients send it as always.
 */
export const referenceDoor =
  (gate: () => Gate) =>
  async (app: FastifyInstance): Promise<void> => {
    app.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: maxForm },
      (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
    );
    const show = async (request: FastifyRequest, reply: FastifyReply, bearer: string) => {
      const here = gate();
      const now = new Date();
      try {
        const proof = presentedBy(request, here.config.listen.url);
        const principal = await here.authenticator.authenticate(bearer, now, proof);
        return send(reply, here, 200, reference(principal, here, addressOf(request, here), now));
      } catch (error) {
        if (!(error instanceof OstiaryError)) throw error;
        recordRefusal(here, request.id, 'http', error.code);
        const problem = toProblem(error, request.id);
        return send(reply, here, problem.status, form(problem));
      }
    };
    app.get(path, (request, reply) => {
      const bearer = bearerOf(request);
      return bearer === undefined ? send(reply, gate(), 200, form()) : show(request, reply, bearer);
    });
    app.post<{ Body: { key?: unknown } | undefined }>(path, (request, reply) => {
      const { key } = request.body ?? {};
      return show(request, reply, typeof key === 'string' ? key.trim() : '');
    });
  };

const addressOf = ({ socket }: FastifyRequest, { config }: Gate): string => {
  if (config.listen.url !== undefined) return config.listen.url.replace(/\/$/, '');
  const address = socket.localAddress?.replace(/^::ffff:/, '') ?? '127.0.0.1';
  return `http://${address.includes(':') ? `[${address}]` : address}:${socket.localPort}`;
};

type Page = (nonce: string) => Html;

const send = (reply: FastifyReply, gate: Gate, status: number, page: Page): FastifyReply => {
  const nonce = gate.newSecretId();
  const own = `'nonce-${nonce}'`;
  return reply
    .code(status)
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; style-src ${own}; script-src ${own}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'ostiary-request-id': reply.request.id,
    })
    .send(page(nonce).html);
};

const document = (title: string, body: Html, script: Html | undefined, nonce: string): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style nonce="${nonce}">${styles}</style>
</head>
<body>
${body}
${script && html`<script nonce="${nonce}">${script}</script>`}
</body>
</html>
`;

const form =
  (problem?: Problem): Page =>
  (nonce) =>
    document(
      'API reference',
      html`<main><h1>API reference</h1>
${problem && html`<p class="note" role="alert">${problem.detail}</p>`}
<p>What there is depends on who asks. The key is sent to this gateway alone, and not kept.</p>
<form method="post" action="${path}"><label>Key or token <input type="password" name="key" required autocomplete="off" autofocus></label> <button>Show</button></form></main>`,
      undefined,
      nonce,
    );

const reference = (principal: Principal, gate: Gate, url: string, now: Date): Page => {
  const { catalogue, bundle } = gate;
  const ran = ranFor(principal, gate, now);
  const all: Shown[] = catalogue.intents
    .filter((intent) => bundle.visibility(principal, intent) === 'callable')
    .map((intent) => ({
      intent,
      address: catalogue.find(intent.name) === intent ? intent.name : intent.id,
      purposes: bundle.purposesFor(principal, intent),
      ran: ran.filter((one) => one.intent === intent.id),
    }));
  const families = Map.groupBy(all, ({ intent }) => intent.name.slice(0, intent.name.lastIndexOf('.')) || intent.name);
  const sections = [...families].map(
    ([family, members]) =>
      html`<section aria-labelledby="f-${family}"><h2 id="f-${family}">${family}</h2>
${members.map((one) => printArticle(one, url, catalogue.library.resolveRef))}</section>`,
  );
  return (nonce) =>
    document(
      'API reference',
      html`<a class="skip" href="#intents">To the intents</a>
<header><h1>API reference</h1>
<p>${all.length} ${all.length === 1 ? 'intent' : 'intents'} for ${principal.type} ${principal.id}, at <code>${url}</code>. Each can be asked for in words as well: <code>POST /v1/ask</code>. The same as <a href="/openapi.json">OpenAPI</a>, with the same credential.</p>
<p id="filter" hidden><label>Filter <input type="search" autocomplete="off" aria-controls="intents"></label> <span role="status"></span></p></header>
<nav aria-label="Intents"><ul>${all.map(({ address, intent }) => html`<li><a href="#${address}">${address}</a> ${intent.title}</li>`)}</ul></nav>
<main id="intents">${sections}
<section aria-labelledby="errors"><h2 id="errors">Problems</h2>
<p>Every failure is problem details (RFC 9457) with a <code>code</code> to match on.</p>
<table><thead><tr><th scope="col">Status</th><th scope="col">Code</th><th scope="col">What it means</th></tr></thead><tbody>${codes.map(
        ([code, { status, title }]) =>
          html`<tr><td>${status}</td><th scope="row"><code>${code}</code></th><td>${title}</td></tr>`,
      )}</tbody></table></section></main>`,
      filterScript,
      nonce,
    );
};

const codes = Object.entries(problems).sort(([, a], [, b]) => a.status - b.status);

const filterScript: Html = {
  html: `const row = document.getElementById('filter');
const [box, told] = [row.querySelector('input'), row.querySelector('[role=status]')];
const articles = [...document.querySelectorAll('article')];
const links = new Map([...document.querySelectorAll('nav a')].map((link) => [link.hash.slice(1), link.parentElement]));
row.hidden = false;
box.addEventListener('input', () => {
  const words = box.value.toLowerCase().split(/\\s+/);
  let shown = 0;
  for (const article of articles) {
    const found = words.every((word) => article.textContent.toLowerCase().includes(word));
    article.hidden = !found;
    links.get(article.id).hidden = !found;
    if (found) shown++;
  }
  for (const section of document.querySelectorAll('main > section'))
    section.hidden = section.querySelector('article') !== null && section.querySelector('article:not([hidden])') === null;
  told.textContent = shown + ' of ' + articles.length;
});`,
};

const styles: Html = {
  html: `:root { color-scheme: light dark; --line: #8886; --soft: #8881; --mark: #06c; }
@media (prefers-color-scheme: dark) { :root { --mark: #6bf; } }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
a { color: var(--mark); }
.skip { position: absolute; left: -99rem; }
.skip:focus { position: static; }
article { border-top: 1px solid var(--line); padding: .5rem 0 1rem; }
h3 a { text-decoration: none; }
:is(a, input, button):focus-visible { outline: 3px solid var(--mark); outline-offset: 2px; }
nav ul { columns: 22rem; padding-left: 1.2rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; }
caption { text-align: left; font-weight: 600; }
th, td { border: 1px solid var(--line); padding: .25rem .5rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; font-weight: inherit; }
thead th { background: var(--soft); font-weight: 600; }
pre { background: var(--soft); padding: .5rem; overflow-x: auto; }
code { font-family: ui-monospace, monospace; font-size: .92em; }
.effect { border: 1px solid var(--line); border-radius: .3rem; padding: 0 .4rem; }
.effect.destructive, .note { border-left: 4px solid #c30; padding-left: .5rem; }
[hidden] { display: none !important; }`,
};
