import fc from 'fast-check';
import type { GraphQLObjectType, GraphQLSchema } from 'graphql';
import { isObject, type JsonSchema } from '../../intents/json.ts';
import type { GraphqlField, GraphqlObject, GraphqlRoot, GraphqlType } from '../../intents/project/graphql-model.ts';
import type { GraphqlView } from '../../intents/project/graphql-view.ts';
import type { SchemaLibrary } from '../../intents/schema-library.ts';

/** A document over a view, and what backends answer to it. */
export interface RandomOperation {
  readonly query: string;
  readonly variables: Record<string, unknown>;
  /** What a field of a root answers, and a thing by its identifier; an Error where that fails. */
  readonly output: (root: GraphqlRoot, response: string) => unknown;
  readonly joined: (object: GraphqlObject, id: string) => unknown;
}

type Take = <T>(arbitrary: fc.Arbitrary<T>) => T;
const identifiers = ['A-1', 'A-2', 'C-1'];
/** Of no type in particular: what a policy masked, what a backend broke. */
const odd = [null, '***', 'a***', 'x', '', 7, -1.5, 2 ** 40, true, {}, [], [null], { id: 'A-1' }, ['A-1', 7, null, {}]];
const deepest = 4;

/** Documents that may be wrong in how their fields merge, values that fit their types but for some. */
export const randomOperation = (
  view: GraphqlView,
  schema: GraphQLSchema,
  { resolveRef }: SchemaLibrary,
): fc.Arbitrary<RandomOperation> =>
  fc.gen().map((gen) => {
    const take: Take = (arbitrary) => gen(() => arbitrary);
    const chance = (percent: number) => take(fc.integer({ min: 1, max: 100 })) <= percent;
    const one = <T>(some: readonly T[]): T => some[take(fc.nat(some.length - 1))] as T;
    const some = <T>(most: number, make: () => T): T[] => Array.from({ length: take(fc.nat(most)) }, make);
    const variables: Record<string, unknown> = {};
    const declared: string[] = [];
    const fragments: string[] = [];

    const declare = (type: string, value: unknown): string => {
      const name = `v${declared.length}`;
      declared.push(`$${name}: ${type}`);
      if (value !== undefined) variables[name] = value;
      return `$${name}`;
    };
    const leftOut = (): string => {
      if (!chance(12)) return '';
      const says = one(['true', 'false', undefined]);
      return ` @${one(['skip', 'include'])}(if: ${says ?? declare('Boolean!', chance(97) ? chance(50) : null)})`;
    };

    const selectionOf = (object: GraphqlObject, depth: number): string => {
      const fields = view.objects.get(object) ?? [];
      const pick = (): string => {
        const kind = take(fc.nat(9));
        if (kind === 0 || fields.length === 0) return `${one(['', 'kind: '])}__typename${leftOut()}`;
        if (kind === 1 && depth < deepest)
          return `...${one([`on ${object.name}`, ''])}${leftOut()} ${selectionOf(object, depth + 1)}`;
        if (kind === 2 && depth < deepest) {
          const name = `F${fragments.length}`;
          fragments.push('');
          fragments[Number(name.slice(1))] = `fragment ${name} on ${object.name} ${selectionOf(object, depth + 1)}`;
          return `...${name}${leftOut()} ${chance(20) ? `...${name}` : ''}`;
        }
        const field = one(fields);
        const below = belowOf(field.type, depth);
        if (below === undefined) return '__typename';
        const alias = chance(25) ? `${one(['a', 'b', 'c', 'd', '_'])}${declared.length}: ` : '';
        return `${alias}${field.name}${leftOut()}${below}`;
      };
      return `{ ${[pick(), ...some(4, pick)].join(' ')} }`;
    };
    /** @returns undefined where it would go too deep */
    const belowOf = (type: GraphqlType, depth: number): string | undefined => {
      if (type.kind === 'list') return belowOf(type.of, depth);
      if (type.kind !== 'object' && type.kind !== 'union') return '';
      if (depth >= deepest) return undefined;
      if (type.kind === 'object') return ` ${selectionOf(type.of, depth + 1)}`;
      const parts = type.of.members
        .filter(() => chance(70))
        .map(({ object }) => `... on ${object.name}${leftOut()} ${selectionOf(object, depth + 1)}`);
      return ` { ${['__typename', ...parts, ...(chance(20) ? [`... on ${type.of.name} { __typename }`] : [])].join(' ')} }`;
    };

    /** As a caller sends it. */
    const inputFor = (type: GraphqlType): unknown => {
      if (chance(2)) return one(odd);
      switch (type.kind) {
        case 'scalar':
          return scalarFor(type.name);
        case 'enum':
          return one(type.of.values).name;
        case 'list':
          return some(2, () => inputFor(type.of));
        case 'input': {
          const { fields, oneof } = type.of;
          const given = oneof ? [one(fields)] : fields.filter(({ required }) => required || chance(40));
          return Object.fromEntries(given.map((field) => [field.name, inputFor(field.type)]));
        }
        default:
          return {};
      }
    };
    const scalarFor = (name: string): unknown => {
      if (name === 'Boolean') return chance(50);
      if (name === 'Int') return one([0, 1, -7, 2 ** 31 - 1]);
      if (name === 'Int64') return one([0, 2 ** 40]);
      if (name === 'Float') return one([0, 1.5, -7]);
      if (name === 'JSON') return one([{ a: [1, null] }, 'x', 7, []]);
      if (name === 'ID') return one([...identifiers, 7]);
      return one(['', 'words', '2026-11-23T10:00:00Z', 'with "quotes" and ü']);
    };
    /** As a backend answers it. */
    const answerFor = (type: GraphqlType, depth: number): unknown => {
      if (chance(2)) return one(odd);
      if (chance(5)) return null;
      switch (type.kind) {
        case 'scalar':
          return scalarFor(type.name);
        case 'enum':
          return one(type.of.values).value;
        case 'list':
          return depth > deepest + 2 ? [] : some(3, () => answerFor(type.of, depth + 1));
        case 'object':
          return objectOf(type.of, depth + 1);
        case 'union': {
          const { object, schema: of } = one(type.of.members);
          return { ...objectOf(object, depth + 1), ...constantsOf(resolveRef(of)) };
        }
        default:
          return {};
      }
    };
    const objectOf = (object: GraphqlObject, depth: number): Record<string, unknown> =>
      Object.fromEntries(
        (depth > deepest + 2 ? [] : object.fields)
          .filter(({ join }) => join === undefined && chance(90))
          .map(({ property, type }) => [property, answerFor(type, depth)]),
      );
    const constantsOf = ({ properties = {} }: JsonSchema) =>
      Object.fromEntries(
        Object.entries(properties).flatMap(([name, member]) =>
          isObject(member) && 'const' in member ? [[name, member.const]] : [],
        ),
      );

    const mutates = chance(25) && view.mutations.length > 0;
    const roots = mutates ? view.mutations : view.queries;
    const type = schema.getType(mutates ? 'Mutation' : 'Query') as GraphQLObjectType;
    const used = new Set<GraphqlRoot>();
    const rootText = (): string => {
      if (chance(3)) return '__typename';
      const root = one(roots);
      used.add(root);
      const args = root.args.filter(({ required }) => required || chance(40)).map((arg) => argText(root, arg));
      const alias = chance(50) ? `r${take(fc.nat(99))}: ` : '';
      const list = args.length === 0 ? '' : `(${args.join(', ')})`;
      return `${alias}${root.name}${list}${leftOut()}${belowOf(root.type, 0) ?? ''}`;
    };
    const argText = (root: GraphqlRoot, arg: GraphqlField): string => {
      const value = inputFor(arg.type);
      const declaredAs = String(type.getFields()[root.name]?.args.find(({ name }) => name === arg.name)?.type);
      const literal =
        !isObject(value) &&
        !Array.isArray(value) &&
        arg.type.kind === 'scalar' &&
        ['String', 'ID', 'Int', 'Float', 'Boolean'].includes(arg.type.name);
      if (literal && chance(40)) return `${arg.name}: ${JSON.stringify(value)}`;
      if (arg.type.kind === 'enum' && typeof value === 'string' && /^\w+$/.test(value) && chance(40))
        return `${arg.name}: ${String(value)}`;
      return `${arg.name}: ${declare(declaredAs, arg.required || chance(90) ? value : one([undefined, null]))}`;
    };
    const body = [rootText(), ...some(2, rootText)].join(' ');
    const head = declared.length === 0 ? '' : `(${declared.join(', ')})`;
    const query = [`${mutates ? 'mutation' : 'query'} Q${head} { ${body} }`, ...fragments].join('\n');

    const outputs = [...used].flatMap((root) => [0, 1].map(() => [root, answerFor(root.type, 0)] as const));
    const things = view.entities.map(
      ({ object }) => [object, [answerFor({ kind: 'object', of: object }, 0), objectOf(object, 0)]] as const,
    );
    const fails = new Set(some(2, () => one(['r1', 'A-2', ...roots.map(({ name }) => name)])).filter(() => chance(20)));
    const failure = () => new Error('no');
    return {
      query,
      variables,
      output: (root, response) => {
        if (fails.has(response)) return failure();
        const found = outputs.filter(([of]) => of === root);
        return found[response.length % found.length]?.[1];
      },
      joined: (object, id) => {
        if (fails.has(id)) return failure();
        const found = things.find(([of]) => of === object)?.[1] ?? [];
        return found[id.length % 2 === 0 ? 0 : identifiers.indexOf(id) % 2];
      },
    };
  });
