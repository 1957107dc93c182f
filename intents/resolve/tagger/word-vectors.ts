import { loadTable } from '../learn/table.ts';

/** What words of new texts are told alike by: the built-in table's vectors, undefined for a word none of whose pieces it has. */
export const wordVectors = (): ((word: string) => Float32Array | undefined) => {
  const table = loadTable();
  return (word) => {
    const vector = table.vector(word);
    return vector.some((value) => value !== 0) ? vector : undefined;
  };
};
