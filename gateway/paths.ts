import { fileURLToPath, pathToFileURL } from 'node:url';

/** @param written `file:./data`, counted from the folder of the set-up, or an address */
export const urlIn = (folder: string, written: string): URL =>
  written.startsWith('file:') ? new URL(written.slice('file:'.length), pathToFileURL(`${folder}/`)) : new URL(written);

/** The same as a path of a file. */
export const pathIn = (folder: string, url: string): string => fileURLToPath(urlIn(folder, url));
