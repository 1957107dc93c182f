import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../gateway/config.ts';
import { loadCatalogue } from '../../intents/load.ts';
import { readSources } from '../../intents/source.ts';
import { fences } from '../docs/fences.ts';

const page = readFileSync('docs/mcp.md', 'utf8');
const blocks = fences(page).flatMap(({ language, text }) => (language === 'yaml' ? [text] : []));

test('the configurations and the binding on the page load', () => {
  const settings = blocks.filter((text) => !text.startsWith('call:'));
  expect([blocks.length, settings.length]).toEqual([3, 2]);
  for (const text of settings) {
    const folder = mkdtempSync(join(tmpdir(), 'ostiary-page-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'ostiary.yaml'), `api: ostiary/1\n${text}`);
    expect(loadConfig(folder, { NOTES_TOKEN: 'x', PATH: '/bin' }).findings).toEqual([]);
  }
  const call = blocks.find((text) => text.startsWith('call:')) ?? '';
  const intent = `intent: notes.create\nversion: 1.0.0\ntitle: T\neffect: read\ninput: { type: object, required: [title], properties: { title: { type: string } } }\n${call}`;
  const { catalogue, findings } = loadCatalogue(readSources('page', intent).sources);
  expect(findings).toEqual([]);
  expect(catalogue.intents[0]?.call).toEqual({
    kind: 'mcp',
    backend: 'notes',
    tool: 'create_note',
    arguments: { title: '$.title', tags: ['inbox'] },
    members: [{ name: 'title', required: true }],
    result: '$.id',
  });
});

test('what is said to a client on the page is JSON, with a key of the demo', () => {
  const [text = ''] = fences(page).flatMap((fence) => (fence.language === 'json' ? [fence.text] : []));
  expect(JSON.parse(text).mcpServers.shop.headers.authorization).toBe('Bearer demo-support');
});

test('what is not offered has its reason on the page', () => {
  const { server } = parse(readFileSync('test/gateway/mcp-conformance/not-offered.yaml', 'utf8')) as {
    server: string[];
  };
  expect(server.filter((scenario) => !page.includes(`\`${scenario}\``))).toEqual([]);
});

test.each([{ written: '{ kind: mcp, url: "http://127.0.0.1:1/mcp", command: [a] }' }, { written: '{ kind: mcp }' }])(
  'a backend has either an address or a program: $written',
  ({ written }) => {
    const folder = mkdtempSync(join(tmpdir(), 'ostiary-page-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'ostiary.yaml'), `api: ostiary/1\nbackends: { b: ${written} }`);
    expect(loadConfig(folder, {}).findings.map(({ message }) => message)).toEqual([
      expect.stringContaining('an MCP backend has either "url"'),
    ]);
  },
);
