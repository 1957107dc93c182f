import { paintError } from '../terminal.ts';

export interface Progress {
  /** Begins a stage. @param total left out, nobody knows how long it takes */
  stage(name: string, total?: number): void;
  to(done: number): void;
  /** Clears the line. */
  end(): void;
}

const width = 28;
/** A terminal is told no more often: drawing must not show in what is timed. */
const everyMs = 100;

/** A bar on stderr where that is a terminal, and nothing anywhere else. */
export const progressBar = (stream: NodeJS.WriteStream, now: () => number): Progress => {
  if (!stream.isTTY) return { stage() {}, to() {}, end() {} };
  let [name, total, drawnAt] = ['', undefined as number | undefined, 0];
  const draw = (done: number) => {
    drawnAt = now();
    const filled = total === undefined ? 0 : Math.round((width * Math.min(done, total)) / Math.max(1, total));
    const bar =
      total === undefined
        ? ''
        : ` ${'█'.repeat(filled)}${paintError('dim', '░'.repeat(width - filled))} ${done}/${total}`;
    stream.write(`\r\u001B[K${name}${bar}`);
  };
  return {
    stage(next, of) {
      [name, total] = [next, of];
      draw(0);
    },
    to(done) {
      if (done === total || now() - drawnAt >= everyMs) draw(done);
    },
    end() {
      stream.write('\r\u001B[K');
    },
  };
};
