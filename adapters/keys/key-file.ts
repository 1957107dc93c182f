import { readFileSync } from 'node:fs';

/** A key as it stands in a file, in JSON. @throws Error that names the file, and nothing of what is in it */
export const readKeyFile = (file: URL): unknown => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`The key ${file.pathname} cannot be read: ${(error as Error).message}`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`The key ${file.pathname} is no JSON.`);
  }
};
