import { isAlias, isCollection, isMap, isPair, isScalar, LineCounter, type Node, visit, type YAMLMap } from 'yaml';
import type { z } from 'zod';
import { composeWithin, maxRefusals, prototypeKey } from './compose.ts';
import { didYouMean } from './did-you-mean.ts';
import { quoteExampleLines } from './example-lines.ts';
import type { Finding } from './findings.ts';
import { valueAt } from './json.ts';

/** One YAML or JSON document that a person wrote, with the place of everything in it. */
export interface Source {
  readonly file: string;
  readonly text: string;
  readonly value: unknown;
  /** Line and column (from 1) of what the path names, or of its nearest ancestor that exists. */
  at(path: readonly PropertyKey[], on?: 'key' | 'value'): { line: number; column: number };
}

const maxFileBytes = 4 * 1024 * 1024;
/** What costs the parser is lines and pieces more than bytes. */
const maxFileLines = 250_000;

/**
 * Reads every document of a YAML file (JSON is YAML). Refused are aliases, so that none can multiply, keys that stand
 * twice, and keys by which a careless copy would reach the prototype of all objects.
 * @param file as it is to be named in findings
 */
export const readSources = (file: string, text: string): { sources: Source[]; findings: Finding[] } => {
  const findings: Finding[] = [];
  const fail = (line: number, column: number, code: string, message: string) =>
    findings.push({ severity: 'error', file, line, column, code, message });
  if (Buffer.byteLength(text) > maxFileBytes) {
    fail(1, 1, 'yaml.too-large', `The file is larger than ${maxFileBytes / 1024 / 1024} MiB. Split it.`);
    return { sources: [], findings };
  }
  if (hasMoreLines(text, maxFileLines)) {
    fail(1, 1, 'yaml.too-large', `The file has more than ${maxFileLines} lines. Split it.`);
    return { sources: [], findings };
  }
  const lines = new LineCounter();
  const { documents, refusals } = composeWithin(quoteExampleLines(text), lines);
  for (const { offset, code, message } of refusals) {
    const { line, col } = lines.linePos(offset);
    fail(line, col, `yaml.${code}`, code === 'syntax' ? notYaml(message) : message);
  }
  const sources: Source[] = [];
  for (const document of documents) {
    for (const error of document.errors.slice(0, maxRefusals)) {
      const { line, col } = lines.linePos(error.pos[0]);
      fail(line, col, 'yaml.syntax', notYaml(error.message));
    }
    if (document.errors.length > 0 || document.contents === null) continue;
    const position = (node: Node | null | undefined) => {
      const { line, col } = lines.linePos(node?.range?.[0] ?? 0);
      return { line: Math.max(line, 1), column: Math.max(col, 1) };
    };
    let refused = 0;
    visit(document, {
      Map: (_key, map) => {
        const seen = new Set<string>();
        for (const { key, value } of map.items) {
          const name = nameOf(key);
          const wrong = seen.has(name)
            ? (['duplicate-key', `"${name}" stands twice in one map.`] as const)
            : reachesPrototype(name, value)
              ? (['prototype-key', prototypeKey(name)] as const)
              : undefined;
          if (wrong !== undefined) {
            if (++refused > maxRefusals) return visit.BREAK;
            const { line, column } = position(key as Node);
            fail(line, column, `yaml.${wrong[0]}`, wrong[1]);
          }
          seen.add(name);
        }
        return undefined;
      },
    });
    if (refused > 0) continue;
    const root = document.contents as Node;
    sources.push({ file, text, value: document.toJS(), at: (path, on = 'value') => position(locate(root, path, on)) });
  }
  return { sources, findings };
};

const notYaml = (message: string): string => `This is not valid YAML: ${message.split('\n')[0]}`;

const hasMoreLines = (text: string, most: number): boolean => {
  let lines = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) if (++lines > most) return true;
  return false;
};

const nameOf = (key: unknown): string => (isScalar(key) ? String(key.value) : String(key));

/** The two ways to the prototype of all objects: `__proto__`, and `prototype` in `constructor`. */
const reachesPrototype = (name: string, value: unknown): boolean =>
  name === '__proto__' ||
  (name === 'constructor' && isMap(value) && (value as YAMLMap).items.some(({ key }) => nameOf(key) === 'prototype'));

const locate = (root: Node, path: readonly PropertyKey[], on: 'key' | 'value'): Node => {
  let node: Node = root;
  let key: Node | undefined;
  for (const name of path) {
    if (isAlias(node) || !isCollection(node)) break;
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && nameOf(item.key) === String(name));
      if (pair === undefined) break;
      key = pair.key as Node;
      node = (pair.value ?? pair.key) as Node;
    } else {
      const item = node.items[Number(name)];
      if (item === undefined) break;
      key = undefined;
      node = item as Node;
    }
  }
  return on === 'key' && key !== undefined ? key : node;
};

/**
 * Turns what a strict zod schema found into findings with places and suggestions.
 * @param area first part of the codes: `intent` gives `intent.unknown-key`
 * @param known the keys that may stand in a place, for suggestions; without it none is made
 */
export const zodFindings = (
  error: z.ZodError,
  source: Source,
  area: string,
  known: (path: readonly PropertyKey[]) => readonly string[] = () => [],
): Finding[] => error.issues.flatMap((issue) => issueFindings(issue, source, area, known, []));

const issueFindings = (
  issue: z.core.$ZodIssue,
  source: Source,
  area: string,
  known: (path: readonly PropertyKey[]) => readonly string[],
  prefix: readonly PropertyKey[],
): Finding[] => {
  const path = [...prefix, ...issue.path];
  const found = (at: readonly PropertyKey[], on: 'key' | 'value', code: string, message: string): Finding => ({
    severity: 'error',
    file: source.file,
    ...source.at(at, on),
    code: `${area}.${code}`,
    message,
  });
  const where = place(path);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) =>
      found([...path, key], 'key', 'unknown-key', `"${key}" is not known in ${where}.${didYouMean(key, known(path))}`),
    );
  if (issue.code === 'invalid_union') {
    // The branch that got furthest is the one that was meant.
    const branch = issue.errors.toSorted((a, b) => deepest(b) - deepest(a) || a.length - b.length)[0];
    if (branch !== undefined && branch.length > 0)
      return branch.flatMap((inner) => issueFindings(inner, source, area, known, path));
  }
  const value = valueAt(source.value, path.map(String));
  if (value === undefined && path.length > 0)
    return [found(path, 'value', 'missing', `"${String(path.at(-1))}" is missing in ${place(path.slice(0, -1))}.`)];
  const options = issue.code === 'invalid_value' && typeof value === 'string' ? issue.values.map(String) : [];
  return [found(path, 'value', 'invalid', `${where}: ${issue.message}.${didYouMean(String(value), options)}`)];
};

const place = (path: readonly PropertyKey[]): string =>
  path.length === 0 ? 'the file' : `"${path.map(String).join('.')}"`;

const deepest = (issues: readonly z.core.$ZodIssue[]): number =>
  Math.max(0, ...issues.map((issue) => issue.path.length));
