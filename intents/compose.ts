import { Composer, type Document, Lexer, type LineCounter, type ParsedNode, Parser } from 'yaml';

/** Why a text is not read on, and where. */
export interface Refusal {
  readonly offset: number;
  readonly code: 'alias' | 'too-deep' | 'syntax' | 'prototype-key';
  readonly message: string;
}

const maxDepth = 100;
/** The document itself is on the stack of the parser, and so is the value it is at. */
const maxStack = maxDepth + 2;
/** So much is looked at after a refusal, for others of the kind: they are told at once, and a bomb goes no further. */
const maxPieces = 2_000;
export const maxRefusals = 20;
/** By which the lexer says that the piece after it is the text of a scalar, whatever it begins with. */
const scalarFollows = '\u001f';

/** A key by which a careless copy would reach the prototype of all objects. */
export const prototypeKey = (name: string): string =>
  `"${name}" cannot be a key here: JavaScript has its own use for it. Rename it.`;
const reaching = /^(["']?)__proto__\1$/;
const betweenPieces = (piece: string): boolean => piece === scalarFollows || /^(?:\s|#|$)/.test(piece);

/**
 * Parses YAML piece by piece and stops where it nests too deep, stands by an alias, names a key that reaches the
 * prototype of all objects, or has been wrong often, so that what a hostile text costs does not grow with what comes
 * after. Without aliases none can multiply.
 * @param lines learns where each line begins
 * @returns no documents where anything was refused
 */
export const composeWithin = (
  text: string,
  lines: LineCounter,
): { documents: Document.Parsed<ParsedNode>[]; refusals: Refusal[] } => {
  const parser = new Parser(lines.addNewLine);
  // The composer's own check for keys that stand twice compares every key with every other.
  const composer = new Composer({ lineCounter: lines, uniqueKeys: false, prettyErrors: false });
  const documents: Document.Parsed<ParsedNode>[] = [];
  const refusals: Refusal[] = [];
  const errors: Refusal[] = [];
  const take = (tokens: ReturnType<Parser['next']>) => {
    for (const token of tokens) {
      if (token.type === 'error') errors.push({ offset: token.offset, code: 'syntax', message: token.message });
      for (const document of composer.next(token)) documents.push(document);
    }
  };
  lines.addNewLine(0);
  let before = '';
  let named: number | undefined;
  let left = maxPieces;
  for (const piece of new Lexer().lex(text)) {
    const { offset } = parser;
    if (piece.startsWith('*') && before !== scalarFollows)
      refusals.push({
        offset,
        code: 'alias',
        message: `Aliases are not taken: write out what ${piece} stands for.`,
      });
    before = piece;
    if (piece === ':' && named !== undefined)
      refusals.push({ offset: named, code: 'prototype-key', message: prototypeKey('__proto__') });
    if (reaching.test(piece)) named = offset;
    else if (!betweenPieces(piece)) named = undefined;
    take(parser.next(piece));
    if (parser.stack.length > maxStack) {
      const message = `The file is nested deeper than ${maxDepth} levels. Lay it out flatter.`;
      return { documents: [], refusals: [...refusals, { offset, code: 'too-deep', message }] };
    }
    // Fewer are told by the composer, with all else that is wrong.
    if (errors.length >= maxRefusals) return { documents: [], refusals: [...refusals, ...errors] };
    if (refusals.length > 0 && (--left === 0 || refusals.length === maxRefusals)) break;
  }
  if (refusals.length > 0) return { documents: [], refusals };
  take(parser.end());
  for (const document of composer.end()) documents.push(document);
  return { documents, refusals };
};
