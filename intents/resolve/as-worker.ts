/** What goes from a worker to the process that started it. */
export type Told<Said> = { readonly said: Said } | { readonly failed: string };

/**
 * The other side of `inWorker`: does the task that this process was started for, and ends; with nobody left to tell, it ends
 * when it next has something to say.
 */
export const asWorker = <Task, Said>(work: (task: Task, say: (said: Said) => void) => void): void => {
  const parent = process.ppid;
  process.once('message', async (task) => {
    const sent: Promise<void>[] = [];
    const tell = (told: Told<Said>): void => {
      if (process.ppid !== parent) process.exit(1);
      sent.push(new Promise((resolve) => process.send?.(told, undefined, undefined, () => resolve())));
    };
    try {
      work(task as Task, (said) => tell({ said }));
    } catch (error) {
      tell({ failed: (error as Error).message });
    }
    await Promise.all(sent);
    process.disconnect?.();
  });
};
