import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../gateway/config.ts';
import { linkClaims, rootClaims } from '../../policies/tokens/claims.ts';
import { detailDocument } from '../../policies/tokens/details.ts';
import { fences } from './fences.ts';

const page = readFileSync(new URL('../../docs/tokens.md', import.meta.url), 'utf8');
const block = (language: string) => fences(page).find((fence) => fence.language === language)?.text ?? '';

test('tokens.md: its part of ostiary.yaml loads', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'ostiary.yaml'), `api: ostiary/1\n${block('yaml')}`);
  expect(loadConfig(folder, {}).findings).toEqual([]);
});

test('tokens.md: its detail is one', () => {
  expect(detailDocument.parse(JSON.parse(block('json')))).toMatchObject({ intents: ['orders.refund@2'] });
});

test('tokens.md tells of every claim that a token has by itself', () => {
  const told = [...page.slice(page.indexOf('| claim |')).matchAll(/`([a-z_.]+)`/g)].map(
    ([, name]) => name?.split('.')[0],
  );
  const own = [...Object.keys(rootClaims.shape), ...Object.keys(linkClaims.shape)];
  const elsewhere = ['purpose', 'capabilities'];
  expect(own.filter((name) => !told.includes(name) && !elsewhere.includes(name))).toEqual([]);
});
