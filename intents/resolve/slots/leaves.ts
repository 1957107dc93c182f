import type { Intent } from '../../contract.ts';
import { type JsonSchema, toPointer } from '../../json.ts';
import { nameWords, stopwords, words } from '../text.ts';
import { type Cues, cuesOf, sideOf } from './cues.ts';
import { type Reading, readingOf, synonymsOf, typeOf } from './finders.ts';
import { type Neighbours, neighboursOf } from './phrase.ts';
import { withCues } from './schema-finders.ts';

/** One place in the input that can be filled from words. */
export interface Leaf extends Reading {
  readonly path: readonly string[];
  readonly pointer: string;
  readonly required: boolean;
  /** True for an array of what `find` finds. */
  readonly list: boolean;
  readonly neighbours: readonly Neighbours[];
  readonly names: ReadonlySet<string>;
  readonly described: ReadonlySet<string>;
  readonly aboutMoney: boolean;
  /** Folded members and synonyms of an enum that are one word each. */
  readonly choices: readonly string[];
  /** What a range begins or ends with, by the slot's name. */
  readonly side: 'from' | 'to' | undefined;
  /** Set where no example shows the slot: then its schema's own words count. */
  readonly cues: Cues | undefined;
}

const moneyNames = new Set('amount price sum cost fee budget'.split(' '));
const deepest = 2;

/** Lists the scalar (or array of scalar) members of an intent's input, down to `/address/city`. */
export const leavesOf = (intent: Intent, resolveRef: (schema: JsonSchema) => JsonSchema): Leaf[] => {
  const known = new Set(intent.examples.flatMap(({ text }) => words(text).map(({ fold }) => fold)));
  const found: Leaf[] = [];
  const visit = (object: JsonSchema, path: readonly string[], required: boolean) => {
    for (const [name, written] of Object.entries(object.properties ?? {})) {
      const schema = branchOf(resolveRef(written), resolveRef);
      const here = [...path, name];
      const needed = required && (object.required ?? []).includes(name);
      if (typeOf(schema) === 'object') {
        if (here.length < deepest) visit(schema, here, needed);
        continue;
      }
      const list = typeOf(schema) === 'array';
      const element = list ? branchOf(resolveRef(schema.items ?? {}), resolveRef) : schema;
      const neighbours = neighboursOf(here.join('/'), intent.examples);
      const isNeeded = needed && schema.default === undefined;
      const cues =
        intent.examples.length === 0
          ? cuesOf(here, { ...element, ...describing(schema) }, intent.effect === 'read')
          : undefined;
      const plainly = readingOf(name, element, known);
      if (plainly === undefined) continue;
      const reading = cues === undefined ? plainly : withCues(plainly, { ...element, ...describing(schema) }, cues);
      const names = new Set(here.flatMap(nameWords));
      found.push({
        ...reading,
        path: here,
        pointer: toPointer(here),
        required: isNeeded,
        list,
        neighbours,
        names,
        described: new Set(
          words(schema.description ?? '')
            .map(({ fold }) => fold)
            .filter((word) => !stopwords.has(word)),
        ),
        side: sideOf(nameWords(name)),
        choices: wordsOf(element),
        cues,
        aboutMoney: [...names].some((word) => moneyNames.has(word)),
      });
    }
  };
  visit(intent.input, [], true);
  return found;
};

const describing = ({ description }: JsonSchema) => (description === undefined ? {} : { description });

/** Of `anyOf` and `oneOf` the first branch that is more than null is read. */
const branchOf = (schema: JsonSchema, resolveRef: (schema: JsonSchema) => JsonSchema): JsonSchema => {
  const branches = (schema.anyOf ?? schema.oneOf) as readonly JsonSchema[] | undefined;
  if (!Array.isArray(branches) || typeOf(schema) !== undefined) return schema;
  const branch = branches.map((written) => resolveRef(written)).find((inner) => inner.type !== 'null');
  return branch === undefined ? schema : { ...branch, ...schema };
};

const wordsOf = (schema: JsonSchema): string[] =>
  [...(schema.enum ?? []).map(String), ...Object.values(synonymsOf(schema)).flat()]
    .map(nameWords)
    .flatMap((written) => (written.length === 1 ? written : []));
