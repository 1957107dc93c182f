import type { Operation } from './openapi-document.ts';

/** Splits camelCase and anything else into lower-case words joined by `-`; '' where no letter or digit is left. */
export const kebab = (text: string, max = 60): string => {
  const words = text
    .slice(0, 300)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  const led = /^\d/.test(words) ? `n${words}` : words;
  return led.length <= max ? led : led.slice(0, max).replace(/-$/, '');
};

/**
 * Names the intent of an operation: its first tag (else the prefix of its operationId, else the first path segment), then its operationId.
 * @returns `issues.create`, not yet unique
 */
export const intentNameFor = ({ method, path, value }: Operation): { group: string; rest: string } => {
  const id = typeof value.operationId === 'string' ? value.operationId : '';
  const tag: unknown = Array.isArray(value.tags) ? value.tags[0] : undefined;
  const [, prefix = '', suffix = ''] = /^([^/.]+)[/.](.+)$/s.exec(id) ?? [];
  const group =
    (typeof tag === 'string' ? kebab(tag, 40) : '') || kebab(prefix, 40) || kebab(firstNoun(path), 40) || 'api';
  const whole =
    kebab(prefix !== '' && kebab(prefix, 40) === group ? suffix : id, 70) || kebab(pathWords(method, path), 70);
  const rest = whole.startsWith(`${group}-`) ? whole.slice(group.length + 1) : whole;
  return { group, rest: /^[a-z]/.test(rest) ? rest : whole };
};

/** The name of an intent as words: `create issues` for `issues.create`. */
export const nameWords = (group: string, rest: string): string => {
  const words = rest.replaceAll('-', ' ');
  return rest.includes(group.replace(/s$/, '')) ? words : `${words} ${group.replaceAll('-', ' ')}`;
};

/** Gives `wanted`, or the first of `wanted-2`, `wanted-3`, … that is not taken, and takes it. */
export const unique = (wanted: string, taken: Set<string>, separator = '-'): string => {
  let name = wanted;
  for (let count = 2; taken.has(name); count++) name = `${wanted}${separator}${count}`;
  taken.add(name);
  return name;
};

/** A name that can stand in `{…}`, in `$.…` and in `[slot: value]`. */
export const slotName = (wireName: string): string => {
  const safe = wireName
    .slice(0, 80)
    .replace(/[^A-Za-z0-9_-]+/g, '_')
    .replace(/(?<=.)_$/, '');
  return /^[A-Za-z_]/.test(safe) && safe !== '__proto__' ? safe : `_${safe.replace(/^_+/, '')}`;
};

/** Path segments that are words: no slots, no `api`, no version. */
export const pathNouns = (path: string): string[] =>
  path
    .split('/')
    .filter(
      (segment) => /^[A-Za-z]/.test(segment) && !/[{}]/.test(segment) && !/^(api|rest|v\d[\w.]*)$/i.test(segment),
    );

const firstNoun = (path: string): string => pathNouns(path)[0] ?? '';

const pathWords = (method: string, path: string): string => {
  const words = path.split('/').map((segment) => segment.replace(/\{([^{}]*)\}/g, 'by-$1'));
  return `${method.toLowerCase()}-${words.join('-')}`;
};
