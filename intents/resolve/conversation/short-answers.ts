import { fold, type Span, stopwords, words } from '../text.ts';

const listOf = (text: string): ReadonlySet<string> => new Set(text.split(/\s*,\s*/));
const yes = listOf(
  'yes,y,yep,yeah,yup,sure,ok,okay,correct,right,exactly,confirm,confirmed,go ahead,do it,do that,please do,of course,absolutely,ja,jawohl,genau,oui,si,claro,certo,d accord',
);
const no = listOf('no,n,nope,nah,no way,not now,nein,non,nee,lieber nicht');
const dismissals = listOf(
  'never mind,nevermind,forget it,forget about it,forget that,cancel,cancel that,stop,abort,leave it,skip it,nothing,none,none of them,none of these,none of those,neither,neither of them,don t,do not,vergiss es,abbrechen,laisse tomber,olvidalo,lascia stare',
);
const politeness = listOf('please,thanks,thank you,bitte,merci,gracias,grazie');
const ordinals: readonly ReadonlySet<string>[] = [
  listOf('1,1st,one,first,former,erste,ersten,erstes,eins,premier,premiere,primero,primera'),
  listOf('2,2nd,two,second,latter,zweite,zweiten,zweites,zwei,deuxieme,segundo,segunda'),
  listOf('3,3rd,three,third,dritte,dritten,drittes,drei,troisieme,tercero,tercera'),
  listOf('4,4th,four,fourth,vierte,vierten,vier,quatrieme,cuarto,cuarta'),
  listOf('5,5th,five,fifth,fünfte,fünften,funfte,funften,fünf,funf,cinquieme,quinto,quinta'),
  listOf('6,6th,six,sixth'),
  listOf('7,7th,seven,seventh'),
  listOf('8,8th,eight,eighth'),
];
const last = listOf('last,letzte,letzten,dernier,derniere,ultimo,ultima');
const around = listOf(
  'the,number,no,option,choice,i,mean,meant,take,choose,pick,want,please,it,is,that,s,one,der,die,das,le,la,el,die,nummer',
);

/** The words of a text, folded, in one line: `Yes, please!` is `yes please`. */
const flat = (text: string): string =>
  words(text)
    .map(({ fold: word }) => word.replaceAll("'", ' '))
    .join(' ');

/** What a bare yes or no, or a wish to drop the question, says; undefined where the text says more than that. */
export const shortAnswer = (text: string): 'yes' | 'no' | 'dismissed' | undefined => {
  const said = flat(text);
  const bare = [...politeness].reduce(
    (rest, word) => rest.replace(new RegExp(`^${word} | ${word}$`), ''),
    said.replace(/^(?:oh|um|hm|well) /, ''),
  );
  for (const form of [said, bare, ...halves(bare)]) {
    if (yes.has(form)) return 'yes';
    if (no.has(form)) return 'no';
    if (dismissals.has(form)) return 'dismissed';
  }
  return undefined;
};

/** "yes do it" is a yes, "no never mind" a no: both halves say the same. */
const halves = (said: string): string[] => {
  const [first = '', ...rest] = said.split(' ');
  const second = rest.join(' ');
  if (yes.has(first) && yes.has(second)) return [first];
  return no.has(first) && (no.has(second) || dismissals.has(second)) ? [first] : [];
};

/**
 * The place that a text names: "the second one", "2", "the last".
 * @param count how many there are to choose from
 * @returns counted from 0, `count` or more where the text names a place that there is not; undefined where it names none
 */
export const placeNamed = (text: string, count: number): number | undefined => {
  const said = words(text)
    .map(({ fold: word }) => word)
    .filter((word) => !politeness.has(word));
  const all = said.flatMap((word) => {
    if (last.has(word)) return [{ word, place: count - 1 }];
    const place = /^\d{1,3}$/.test(word) ? Number(word) - 1 : ordinals.findIndex((names) => names.has(word));
    return place < 0 ? [] : [{ word, place }];
  });
  // "the second one": the one is no place of its own.
  const places = all.length > 1 ? all.filter(({ word }) => word !== 'one') : all;
  const rest = said.filter(
    (word) =>
      !around.has(word) && !last.has(word) && !/^\d{1,3}$/.test(word) && !ordinals.some((names) => names.has(word)),
  );
  return places.length === 1 && rest.length === 0 ? places[0]?.place : undefined;
};

/** Words that count things as well as they name a place. */
const cardinals = listOf('one,two,three,four,five,six,seven,eight,eins,zwei,drei,vier,fünf,funf,former,latter');
const placeWords = [...ordinals.flatMap((names) => [...names]), ...last].filter(
  (word) => !cardinals.has(word) && !/^\d+$/.test(word),
);

/**
 * Where a text names a place in the middle of other words: "cancel the second one", "show the last order".
 * @param plain the text, as `plain` gives it
 * @param called what the things may be called after the place
 * @param count how many there are
 */
export const ordinalPlaces = (
  plain: string,
  called: readonly string[],
  count: number,
): { readonly place: number; readonly span: Span }[] => {
  const names = called.map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const shape = new RegExp(
    `(?<![\\p{L}\\p{N}])(?:the|der|die|das|den|le|la|el) (${placeWords.join('|')})(?: (?:${names})(?![\\p{L}\\p{N}])|(?=\\s*(?:$|[.,!?;])))`,
    'giu',
  );
  return [...plain.matchAll(shape)].map(({ 0: said, 1: word = '', index }) => ({
    place: last.has(word.toLowerCase()) ? count - 1 : ordinals.findIndex((forms) => forms.has(word.toLowerCase())),
    span: { start: index, end: index + said.length },
  }));
};

/**
 * Which of several things a text names by their words: "the refund" of "Refund an order" and "Cancel an order".
 * @param labels the words by which each may be named
 * @returns `many` where it fits more than one, undefined where it fits none
 */
export const namedAmong = (text: string, labels: readonly string[]): number | 'many' | undefined => {
  const whole = labels.findIndex((label) => fold(label).trim() === fold(text).trim());
  if (whole >= 0) return whole;
  const said = telling(text);
  if (said.length === 0) return undefined;
  const fitting = labels.flatMap((label, index) => {
    const own = telling(label);
    return said.every((word) => own.some((other) => sameWord(word, other))) ? [index] : [];
  });
  return fitting.length > 1 ? 'many' : fitting[0];
};

const telling = (text: string): string[] =>
  words(text)
    .map(({ fold: word }) => word)
    .filter((word) => !stopwords.has(word) && !around.has(word));

/** "refund" and "refunds", but not "order" and "ordinary". */
const sameWord = (a: string, b: string): boolean => {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return short === long || (short.length >= 4 && long.startsWith(short) && long.length - short.length <= 3);
};
