import type { Intent } from '../contract.ts';
import type { SchemaLibrary } from '../schema-library.ts';
import { clientRuntime } from './client-runtime.ts';
import { clientTypes, comment, free, key, pascal, reservedTypes } from './client-types.ts';
import { deprecationText } from './deprecation-text.ts';

/** Calls by the parts of their names: `orders.refund` is `client.orders.refund`. */
interface Branch {
  readonly calls: Map<string, Named>;
  readonly branches: Map<string, Branch>;
  readonly taken: Set<string>;
}
interface Named {
  readonly intent: Intent;
  readonly address: string;
  readonly type: string;
}

/** What a client has beside the intents. */
const own = ['ask', 'confirm'];

const emptyBranch = (): Branch => ({
  calls: new Map(),
  branches: new Map(),
  taken: new Set(),
});

/**
 * Projects intents into a TypeScript client: one file that needs nothing but `fetch`. Deterministic: the same intents give
 * the same text. A major that is not the newest is called like `refundV1`.
 */
export const toClient = (intents: readonly Intent[], library: SchemaLibrary): string => {
  const newest = new Map<string, number>();
  for (const { name, major } of intents) newest.set(name, Math.max(major, newest.get(name) ?? 0));
  const taken = new Set(reservedTypes);
  const types = clientTypes(library, taken);
  const root = emptyBranch();
  const declared: string[] = [];
  for (const intent of intents) {
    const old = newest.get(intent.name) !== intent.major;
    const path = intent.name
      .split('.')
      .map((part, index) => (index === 0 && own.includes(part) ? `${part}_` : camel(part)));
    const last = `${path.pop()}${old ? `V${intent.major}` : ''}`;
    let branch = root;
    for (const name of path) {
      const inner = branch.branches.get(name) ?? emptyBranch();
      branch.branches.set(name, inner);
      branch = inner;
    }
    const type = free(`${pascal(intent.name)}${old ? `V${intent.major}` : ''}`, taken);
    for (const name of [`${type}Input`, `${type}Output`]) taken.add(name);
    branch.calls.set(free(last, branch.taken), { intent, address: old ? intent.id : intent.name, type });
    declared.push(
      `export type ${type}Input = ${types.typeOf(intent.input)};`,
      // Policies hide members, so that none is sure to be there.
      `export type ${type}Output = ${intent.output === undefined ? 'unknown' : `Shown<${types.typeOf(intent.output)}>`};`,
    );
  }
  return [
    '// Made by "ostiary generate client" from the contracts. Not to be edited.',
    clientRuntime,
    '/** An output as a caller may see it: any member may be hidden by a policy. */\ntype Shown<T> = T extends readonly (infer Item)[] ? readonly Shown<Item>[] : T extends object ? { readonly [Name in keyof T]?: Shown<T[Name]> } : T;',
    ...types.shared(),
    ...declared,
    '/** A client of one gateway. Every call may throw an OstiaryProblem. */\nexport const createClient = (options: ClientOptions) => {\n  const send = sender(options);\n  return {',
    `    /** Understands plain words. A question, and what waits for a yes, is an answer. */
    ask: (text: string, more: { readonly session?: string; readonly input?: Readonly<Record<string, unknown>> } = {}, call?: CallOptions) =>
      send('/v1/ask', { text, ...more }, call) as Promise<Answer>,
    /** Says yes or no to what waits for it. */
    confirm: (id: string, confirm: boolean, call?: CallOptions) =>
      send(\`/v1/confirmations/\${encodeURIComponent(id)}\`, { confirm }, call) as Promise<Answer>,`,
    ...branchText(root, '    '),
    '  };\n};\nexport type Client = ReturnType<typeof createClient>;\n',
  ].join('\n');
};

const branchText = ({ calls, branches }: Branch, indent: string): string[] => [
  ...[...calls].flatMap(([name, { intent, address, type }]) => {
    const { title, description, input, deprecated } = intent;
    const words = [`${title}.`, description, deprecated ? `@deprecated ${deprecationText(deprecated)}` : ''];
    const optional = (input.required ?? []).every((one) => input.properties?.[one]?.default !== undefined);
    const nested = branches.get(name);
    const call = `(input: ${type}Input${optional ? ' = {}' : ''}, call?: CallOptions) =>\n${indent}  send('/v1/intents/${address}', input, call) as Promise<${type}Output>`;
    return [
      ...comment(words.filter((word) => word !== '').join(' '), indent),
      // A name that is also the beginning of others is both.
      nested === undefined
        ? `${indent}${key(name)}: ${call},`
        : `${indent}${key(name)}: Object.assign(${call}, {\n${branchText(nested, `${indent}  `).join('\n')}\n${indent}}),`,
    ];
  }),
  ...[...branches]
    .filter(([name]) => !calls.has(name))
    .flatMap(([name, branch]) => [`${indent}${key(name)}: {`, ...branchText(branch, `${indent}  `), `${indent}},`]),
];

const camel = (part: string): string =>
  part.replaceAll(/-([a-z0-9])/g, (_whole, letter: string) => letter.toUpperCase());
