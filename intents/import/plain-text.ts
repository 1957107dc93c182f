/**
 * Reads Markdown as plain text: links and images become their words, marks and tags go, white space becomes one space.
 * @param max longest result, in UTF-16 units; a longer text is cut at a word and ends in `…`
 * @returns '' for anything but a string
 */
export const plainText = (markdown: unknown, max: number): string => {
  if (typeof markdown !== 'string') return '';
  const words = markdown
    .slice(0, max * 4)
    .replace(/!?\[([^[\]]{0,500})\](\([^()\s]{0,2000}\)|\[[^[\]]{0,200}\])/g, '$1')
    .replace(/\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]/gi, '')
    .replace(/<\/?[A-Za-z][^<>]{0,500}>/g, ' ')
    .replace(/(\*\*|__|`)/g, '')
    .replace(/(?<![\w*])\*([^*\s][^*]{0,200})\*(?![\w*])/g, '$1')
    .replace(/^\s{0,3}(#{1,6}|>)\s+/gm, '');
  const text = (isBalanced(words) ? words : words.replace(/[[\]{}]/g, ' '))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to go
    .replace(/[\s\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]+/g, ' ')
    .toWellFormed()
    .trim();
  return cut(text, max);
};

/** Cuts a text at a word, so that it is no longer than `max`. */
export const cut = (text: string, max: number): string => {
  if (text.length <= max) return text;
  const head = text.slice(0, max - 1);
  const space = head.lastIndexOf(' ');
  const kept = (space > max / 2 ? head.slice(0, space) : head).replace(/[\s,;:(]$/, '').toWellFormed();
  return `${isBalanced(kept) ? kept : kept.replace(/[[\]{}]/g, '')}…`;
};

/** Whether every bracket and brace of a text is closed: the loader counts them to refuse what is nested too deeply. */
export const isBalanced = (text: string): boolean => {
  let depth = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1;
    if (depth < 0) return false;
  }
  return depth === 0;
};
