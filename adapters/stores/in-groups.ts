/** At most so many at once, so that one step stays short. */
const mostAtOnce = 500;

/**
 * What is asked while an earlier step is under way is asked together in the next.
 * @param work answers a group, in its order; where it fails, all of the group fail
 */
export const inGroups = <Ask, Told>(
  work: (asked: readonly Ask[]) => Promise<readonly Told[]>,
): ((ask: Ask) => Promise<Told>) => {
  interface Queued {
    readonly ask: Ask;
    readonly resolve: (told: Told) => void;
    readonly reject: (error: unknown) => void;
  }
  const queue: Queued[] = [];
  let underWay = false;
  const flush = async () => {
    while (queue.length > 0) {
      const group = queue.splice(0, mostAtOnce);
      try {
        const told = await work(group.map(({ ask }) => ask));
        for (const [at, { resolve }] of group.entries()) resolve(told[at] as Told);
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    underWay = false;
  };
  return (ask) =>
    new Promise((resolve, reject) => {
      queue.push({ ask, resolve, reject });
      if (underWay) return;
      underWay = true;
      void flush();
    });
};
