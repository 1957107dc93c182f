import type { Intent } from '../contract.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { SchemaLibrary } from '../schema-library.ts';
import { checkBackward } from './backward.ts';
import { checkForward, type ForwardFault } from './forward.ts';

/** Finds what is wrong with the `from` and the `deprecated` of a contract. @param all every contract, of every major */
export const checkVersions = (intent: Intent, all: readonly Intent[], library: SchemaLibrary): ForwardFault[] => {
  const faults: ForwardFault[] = [];
  const names = all.flatMap(({ id, name }) => [id, name]);
  const checkUse = (use: string | undefined, path: readonly string[]) => {
    if (use === undefined) return;
    if (!names.includes(use))
      faults.push({ severity: 'error', path, message: `"${use}" is not an intent.${didYouMean(use, names)}` });
  };
  checkUse(intent.deprecated?.use, ['deprecated', 'use']);
  for (const [index, forward] of (intent.from ?? []).entries()) {
    const here = ['from', String(index)];
    checkUse(forward.deprecated?.use, [...here, 'deprecated', 'use']);
    const twin = all.find(({ name, major }) => name === intent.name && major === forward.major);
    const other = all.find(
      (one) => one.name === intent.name && one !== intent && one.from?.some(({ major }) => major === forward.major),
    );
    const stands = twin?.id ?? (other && `${other.id}, by its own "from"`);
    if (stands !== undefined)
      faults.push({
        severity: 'error',
        path: [...here, 'major'],
        message: `Callers of major ${forward.major} are served by ${stands}: one of the two has to go.`,
      });
    for (const fault of [...checkForward(forward, intent, library), ...checkBackward(forward, intent, library)])
      faults.push({ ...fault, path: [...here, ...fault.path] });
  }
  return faults;
};
