import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { gatewayForTest } from './start.ts';
import { type ShopGateway, startShopGateway } from './start-shop.ts';

let gateway: ShopGateway;
beforeAll(async () => {
  gateway = await startShopGateway();
});
afterAll(() => gateway?.stop());

const page = async (key: string | undefined, init: RequestInit = {}) => {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const response = await fetch(`${gateway.url}/reference`, { ...init, headers: { ...headers, ...init.headers } });
  return { status: response.status, headers: response.headers, text: await response.text() };
};
const articles = (text: string) => [...text.matchAll(/<article id="([^"]+)"/g)].map(([, id]) => id);

describe.each(['demo-support', 'demo-shopper-bot', 'demo-auditor'])('for %s', (key) => {
  test('the reference has what may be called, and nothing else', async () => {
    const { status, text } = await page(key);
    const { intents } = await gateway.get('/v1/intents', key);
    expect(status).toBe(200);
    expect(articles(text)).toEqual(intents.map(({ intent }: { intent: string }) => intent));
  });
});

test('what a policy hides is nowhere on the page, nor a value that is personal', async () => {
  const { text } = await page('demo-shopper-bot');
  expect(text).not.toContain('customers.erase');
  expect(text).not.toContain('orders.refund');
  expect((await page('demo-support')).text).not.toMatch(/jo\.meier@example\.org"/);
});

test('an intent has its members, its effect, a line to call it with, and an answer that was given', async () => {
  const { text } = await page('demo-support');
  const article = /<article id="orders\.get".*?<\/article>/s.exec(text)?.[0] ?? '';
  expect(article).toContain('<caption>Input</caption>');
  expect(article).toContain('<code>items[].sku</code>');
  expect(article).toContain('reads</span>');
  expect(article).toContain(`curl -s ${gateway.url}/v1/intents/orders.get`);
  expect(article).toContain(`-d '{&quot;order_id&quot;:&quot;A-1001&quot;}'`);
  expect(article).toContain('&quot;id&quot;: &quot;A-1001&quot;');
  expect(text).toContain('<code>policy.denied</code>');
});

test('nothing is fetched, and only what the page itself brought is run', async () => {
  const { text, headers } = await page('demo-support');
  const policy = headers.get('content-security-policy') ?? '';
  const [, nonce = ''] = /script-src 'nonce-([^']+)'/.exec(policy) ?? [];
  expect(policy).toMatch(/^default-src 'none';/);
  expect(policy).not.toContain('unsafe');
  expect(nonce.length).toBeGreaterThan(20);
  expect([...text.matchAll(/<(script|style)\b([^>]*)>/g)].map(([, , attributes]) => attributes)).toEqual([
    ` nonce="${nonce}"`,
    ` nonce="${nonce}"`,
  ]);
  expect(text).not.toMatch(/\b(src|srcset|onclick|onload|style)=/);
  expect(
    [...text.matchAll(/href="([^"]+)"/g)].every(([, to = '']) => to.startsWith('#') || to === '/openapi.json'),
  ).toBe(true);
  expect(headers.get('cache-control')).toBe('no-store');
  expect((await page('demo-support')).headers.get('content-security-policy')).not.toBe(policy);
});

test('what it is made of can be read by all: a language, a title, headings in order, names for what can be used', async () => {
  const { text } = await page('demo-support');
  expect(text).toContain('<html lang="en">');
  expect(text).toMatch(/<title>[^<]+<\/title>/);
  expect(text).toContain('color-scheme: light dark');
  const levels = [...text.matchAll(/<h(\d)/g)].map(([, level]) => Number(level));
  for (const [index, level] of levels.entries()) expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1);
  const ids = [...text.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [, to] of text.matchAll(/(?:href="#|aria-labelledby="|aria-controls=")([^"]+)"/g))
    expect(ids).toContain(to);
  expect(text).toMatch(/<label>Filter <input type="search"/);
  for (const [table] of text.matchAll(/<table>.*?<\/table>/gs)) expect(table).toMatch(/<th scope="col">/);
});

test('a browser is asked for a credential, and one that is wrong is refused', async () => {
  const first = await page(undefined);
  expect(first.status).toBe(200);
  expect(first.text).toContain('<form method="post" action="/reference">');
  expect(articles(first.text)).toEqual([]);
  const shown = (key: string) =>
    page(undefined, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ key }).toString(),
    });
  expect(articles((await shown('demo-auditor')).text)).toContain('orders.get');
  const wrong = await shown('"><script>alert(1)</script>');
  expect(wrong.status).toBe(401);
  const [entry] = await gateway.entries(String(wrong.headers.get('ostiary-request-id')));
  expect(entry).toMatchObject({ door: 'http', code: 'credentials.invalid' });
  expect(wrong.text).toContain('role="alert"');
  expect(wrong.text).not.toContain('<script>alert');
  expect((await page('demo-nobody')).status).toBe(401);
});

test('words of contracts are text, whatever they hold', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-reference-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'intents'));
  const evil = '<img src=x onerror=alert(1)>"\'&';
  const written = JSON.stringify(evil);
  writeFileSync(
    join(folder, 'intents/evil.yaml'),
    `intent: notes.evil\nversion: 1.0.0\ntitle: ${written}\ndescription: ${written}\neffect: read\nexamples: [${written}]\ninput: { type: object, properties: { ${written}: { type: string, default: ${written}, description: ${written} } } }\noutput: { type: object, properties: { out: { enum: [${written}] } } }\ncall: { backend: notes, rest: GET /notes }\n`,
  );
  const strange = await gatewayForTest({
    folder,
    policy: (text) => text.replace('intents: [notes.get@1]', 'intents: [notes.get@1, notes.evil@1]'),
  });
  const response = await fetch(`${strange.url}/reference`, { headers: { authorization: 'Bearer key-writer' } });
  const text = await response.text();
  expect(text.split('&lt;img src=x onerror=alert(1)&gt;').length).toBeGreaterThan(5);
  expect(text).not.toContain('<img');
});
