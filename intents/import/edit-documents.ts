import { type PartName, partNames } from './intent-parts.ts';

/** One intent document of a file, as the texts of its top-level members. Nothing else of the file is read, or changed. */
export interface IntentDocumentText {
  readonly name: string;
  /** Without the white space and comments that follow. */
  part(name: PartName): string | undefined;
  /** @param text undefined takes the member out */
  set(name: PartName, text: string | undefined): void;
}

export interface EditableFile {
  readonly documents: readonly IntentDocumentText[];
  append(document: string): void;
  readonly text: string;
}

interface Span {
  readonly lines: string[];
  /** undefined for what stands before the first member: comments, the separator. */
  readonly key: string | undefined;
}

/**
 * Takes a file of intents apart by its lines, so that it can be put together again byte for byte but for what was changed.
 * A top-level member begins in the first column, as YAML in blocks has it.
 */
export const editableFile = (text: string): EditableFile => {
  const documents: Span[][] = [[{ key: undefined, lines: [] }]];
  for (const line of text.split(/(?<=\n)/)) {
    if (/^---(\s|$)/.test(line)) documents.push([{ key: undefined, lines: [line] }]);
    else {
      const spans = documents.at(-1) as Span[];
      const [, key] = /^([A-Za-z_]\w*)\s*:(\s|$)/.exec(line) ?? [];
      if (key === undefined) (spans.at(-1) as Span).lines.push(line);
      else spans.push({ key, lines: [line] });
    }
  }
  const written = () => documents.map((spans) => spans.flatMap(({ lines }) => lines).join('')).join('');
  return {
    get documents() {
      return documents.filter((spans) => spans.some(({ key }) => key === 'intent')).map(documentOf);
    },
    append(document) {
      const before = written();
      const bare = documents.length === 1 && documents[0]?.every(({ key }) => key === undefined);
      const added = editableFile(document);
      if (!bare) documents.push([{ key: undefined, lines: [before.endsWith('\n') ? '---\n' : '\n---\n'] }]);
      documents.push([{ key: undefined, lines: [added.text] }]);
    },
    get text() {
      return written();
    },
  };
};

const documentOf = (spans: Span[]): IntentDocumentText => {
  const find = (name: PartName) => spans.find(({ key }) => key === name);
  return {
    name: scalar(bodyOf(find('intent') as Span)),
    part(name) {
      const span = find(name);
      return span === undefined ? undefined : bodyOf(span).trimEnd();
    },
    set(name, text) {
      const span = find(name);
      if (span !== undefined) {
        const after = span.lines.slice(bodyLength(span));
        span.lines.splice(0, span.lines.length, ...(text === undefined ? [] : [`${text.trimEnd()}\n`]), ...after);
        return;
      }
      if (text === undefined) return;
      const order = partNames.indexOf(name);
      const next = spans.findIndex(({ key }) => key !== undefined && partNames.indexOf(key as PartName) > order);
      spans.splice(next < 0 ? spans.length : next, 0, { key: name, lines: [`${text.trimEnd()}\n`] });
    },
  };
};

/** Lines of the member itself: blank lines and comments in the first column after it belong to the reader. */
const bodyLength = ({ lines }: Span): number => {
  let length = lines.length;
  while (length > 1 && /^(\s*|#.*)$/.test((lines[length - 1] as string).replace(/\r?\n$/, ''))) length--;
  return length;
};
const bodyOf = (span: Span): string => span.lines.slice(0, bodyLength(span)).join('');

const scalar = (line: string): string =>
  line
    .slice(line.indexOf(':') + 1)
    .replace(/\s#.*$/s, '')
    .trim()
    .replace(/^(["'])(.*)\1$/, '$2');
