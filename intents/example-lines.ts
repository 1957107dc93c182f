/**
 * Lets examples stand unquoted. `- refund order [order_id: A-1001]` is a mapping to YAML, so the lines under an
 * `examples:` key that hold `[slot: value]` are put into quotes before YAML reads them. No line moves, and no column
 * before the text of an example.
 */
export const quoteExampleLines = (text: string): string => {
  if (!text.includes('examples:')) return text;
  let block: number | undefined;
  return text
    .split('\n')
    .map((line) => {
      const indent = line.search(/\S/);
      if (indent < 0) return line;
      if (block !== undefined && (indent < block || (indent === block && !line.trimStart().startsWith('-'))))
        block = undefined;
      if (/^\s*examples:\s*(#.*)?$/.test(line)) block = indent;
      else if (block !== undefined) return quoted(line);
      return line;
    })
    .join('\n');
};

const unquoted = /^(\s*-\s+(?:ask:\s+)?|\s+ask:\s+)([^"'{|>&*!#\s].*)$/;
const annotated = /\[[A-Za-z_][\w./-]*:\s/;

const quoted = (line: string): string => {
  const [, lead, rest = ''] = unquoted.exec(line) ?? [];
  if (lead === undefined || !annotated.test(rest)) return line;
  // Two steps: a run of spaces is looked at once.
  const comment = rest.search(/\s#/);
  const words = (comment < 0 ? rest : rest.slice(0, comment)).trimEnd();
  return `${lead}${JSON.stringify(words)}`;
};
