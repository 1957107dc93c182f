import { isAlias, isCollection, isMap, isPair, isScalar, LineCounter, type Node, parseAllDocuments, visit } from 'yaml';
import type { z } from 'zod';
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
const maxDepth = 100;

/**
 * Reads every document of a YAML file (JSON is YAML). Aliases are refused, so none can multiply; so are duplicate keys.
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
  if (tooDeep(text)) {
    fail(1, 1, 'yaml.too-deep', `The file is nested deeper than ${maxDepth} levels.`);
    return { sources: [], findings };
  }
  const lines = new LineCounter();
  const documents = parseAllDocuments(quoteExampleLines(text), {
    lineCounter: lines,
    uniqueKeys: false,
    prettyErrors: false,
  });
  const sources: Source[] = [];
  for (const document of Array.isArray(documents) ? documents : []) {
    for (const error of document.errors) {
      const { line, col } = lines.linePos(error.pos[0]);
      fail(line, col, 'yaml.syntax', `This is not valid YAML: ${error.message.split('\n')[0]}`);
    }
    if (document.errors.length > 0 || document.contents === null) continue;
    const position = (node: Node | null | undefined) => {
      const { line, col } = lines.linePos(node?.range?.[0] ?? 0);
      return { line: Math.max(line, 1), column: Math.max(col, 1) };
    };
    let refused = false;
    visit(document, {
      // The parser's own check compares every key with every other.
      Map: (_key, map) => {
        const seen = new Set<unknown>();
        for (const { key } of map.items) {
          const name = isScalar(key) ? String(key.value) : String(key);
          if (seen.has(name)) {
            refused = true;
            const { line, column } = position(key as Node);
            fail(line, column, 'yaml.duplicate-key', `"${name}" stands twice in one map.`);
          }
          seen.add(name);
        }
      },
      Alias: (_key, node) => {
        refused = true;
        const { line, column } = position(node);
        fail(line, column, 'yaml.alias', `Aliases are not taken: write out what *${node.source} stands for.`);
      },
    });
    if (refused) continue;
    const root = document.contents as Node;
    sources.push({ file, text, value: document.toJS(), at: (path, on = 'value') => position(locate(root, path, on)) });
  }
  return { sources, findings };
};

/** Flow brackets are counted before parsing, because the parser itself recurses. Indentation cannot nest deeper than half its width. */
const tooDeep = (text: string): boolean => {
  let depth = 0;
  let deepest = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x5b || code === 0x7b) deepest = Math.max(deepest, ++depth);
    else if ((code === 0x5d || code === 0x7d) && depth > 0) depth--;
  }
  if (deepest > maxDepth) return true;
  return new RegExp(`^(?: {${maxDepth * 2},}|(?:- ){${maxDepth},})\\S`, 'm').test(text);
};

const locate = (root: Node, path: readonly PropertyKey[], on: 'key' | 'value'): Node => {
  let node: Node = root;
  let key: Node | undefined;
  for (const name of path) {
    if (isAlias(node) || !isCollection(node)) break;
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isPair(item) && (isScalar(item.key) ? String(item.key.value) : String(item.key)) === String(name),
      );
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
