import { existsSync } from 'node:fs';
import { join } from 'node:path';

export type ModelFolder =
  | { readonly ok: true; readonly folder: string }
  | { readonly ok: false; readonly reason: string };

/** Where a model lies that is too large for the repository: under `OSTIARY_MODELS`, else in `../shared/models`. */
export const modelFolder = (name: string): ModelFolder => {
  const root = process.env.OSTIARY_MODELS ?? join(import.meta.dirname, '../../../shared/models');
  const folder = join(root, name);
  return existsSync(folder)
    ? { ok: true, folder }
    : { ok: false, reason: `no model at ${folder}; OSTIARY_MODELS names the folder that holds ${name}/` };
};
