import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A connection of a test, on which anything can be said. */
export const openTo = (url: string): Socket => {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  return socket;
};

export const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => (socket.closed ? resolve() : socket.once('close', () => resolve())));

export interface Said {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Undefined where it is no JSON object. */
  readonly problem: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Sends bytes and takes what comes back.
 * @param answers after so many the connection is left; left out, once the other side has closed it
 */
export const talk = (url: string, bytes: string | Buffer, answers?: number): Promise<readonly Said[]> =>
  new Promise((resolve) => {
    const socket = openTo(url);
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      text += String(chunk);
      if (answers !== undefined && answersIn(text).length >= answers) socket.destroy();
    });
    socket.on('close', () => resolve(answersIn(text)));
    socket.write(bytes);
  });

const answersIn = (text: string): readonly Said[] => {
  const found: Said[] = [];
  for (let rest = text; rest !== ''; ) {
    const [head = ''] = rest.split('\r\n\r\n', 1);
    const [line = '', ...lines] = head.split('\r\n');
    const headers = Object.fromEntries(
      lines.map((one) => [one.slice(0, one.indexOf(':')).toLowerCase(), one.slice(one.indexOf(':') + 1).trim()]),
    );
    const begin = head.length + 4;
    const body = rest.slice(begin, begin + Number(headers['content-length'] ?? 0));
    if (rest.length < begin || body.length < Number(headers['content-length'] ?? 0)) break;
    found.push({ status: Number(line.split(' ')[1]), headers, body, problem: objectIn(body) });
    rest = rest.slice(begin + body.length);
  }
  return found;
};

const objectIn = (body: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    return JSON.parse(body) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
};
