import { toUnit } from './unit.ts';

/** A fixed phrase that goes on "the embeddings server ...". */
export class UnusableEmbeddings extends Error {
  override readonly name = 'UnusableEmbeddings';
}

/**
 * Reads what an embeddings endpoint answered, which may be anything, whatever the client's types promise.
 * @param answer `{ data: [{ embedding: number[], index? }] }`; without an index the order is that of the texts
 * @returns `texts` vectors of unit length, in the order of the texts
 * @throws UnusableEmbeddings where one is missing, doubled, of another length, or has no direction
 */
export const readEmbeddings = (answer: unknown, texts: number, dimensions: number): Float32Array[] => {
  const data = (answer as { data?: unknown } | null | undefined)?.data;
  if (!Array.isArray(data)) throw new UnusableEmbeddings('answered without embeddings');
  if (data.length !== texts) throw new UnusableEmbeddings(`answered ${data.length} embeddings for ${texts} texts`);
  const vectors = new Map<number, Float32Array>();
  data.forEach((entry: { embedding?: unknown; index?: unknown } | null, position) => {
    const at = entry?.index ?? position;
    if (typeof at !== 'number' || !Number.isInteger(at) || at < 0 || at >= texts || vectors.has(at))
      throw new UnusableEmbeddings('answered embeddings whose numbers do not fit the texts');
    vectors.set(at, vectorOf(entry?.embedding, dimensions));
  });
  return Array.from({ length: texts }, (_, at) => vectors.get(at) as Float32Array);
};

const vectorOf = (embedding: unknown, dimensions: number): Float32Array => {
  if (!Array.isArray(embedding)) throw new UnusableEmbeddings('answered an embedding that is not a list of numbers');
  if (embedding.length !== dimensions)
    throw new UnusableEmbeddings(`answered ${embedding.length} dimensions where ${dimensions} are configured`);
  const unit = embedding.every((value) => typeof value === 'number') ? toUnit(embedding) : undefined;
  if (unit === undefined) throw new UnusableEmbeddings('answered an embedding without a direction');
  return unit;
};
