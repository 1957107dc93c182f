import { createHash } from 'node:crypto';

/** 2^25: a tag of four bytes. Two of 30 names take the same number once in 80,000 messages. */
const numbers = 33_554_432;
const [reservedFrom, reservedTo] = [19_000, 19_999];

/**
 * The number of a field or of an enum's value: of its name alone, so that it never moves when others come or go, and is
 * the same in every message, on every replica and in every version, with no file to be kept beside the contract. It is
 * the first four bytes of the name's SHA-256, from 1 to 2^25 - 1, and 1,000 higher where protobuf keeps numbers to itself
 * (https://protobuf.dev/programming-guides/proto3/#assigning).
 */
export const numberOf = (name: string): number => {
  const number = 1 + (createHash('sha256').update(name).digest().readUInt32BE() % (numbers - 1));
  return isReserved(number) ? number + 1_000 : number;
};

/** Whether a number can be that of a field. */
export const isFieldNumber = (number: unknown): number is number =>
  Number.isInteger(number) && Number(number) >= 1 && Number(number) <= 536_870_911 && !isReserved(Number(number));

const isReserved = (number: number): boolean => number >= reservedFrom && number <= reservedTo;

/** `low-stock` -> `LowStock`. Different names stay different. */
export const pascal = (kebab: string): string =>
  kebab
    .split('-')
    .map((part, index) => {
      const word = part.charAt(0).toUpperCase() + part.slice(1);
      return index > 0 && !/^[a-z]/.test(part) ? `_${word}` : word;
    })
    .join('');

/** `RefundV2` of `refund` in its second major. A first major has no number, unless its name looks as if it had one. */
export const methodName = (last: string, major: number): string => {
  const name = pascal(last);
  return major === 1 && !/V\d+$/.test(name) ? name : `${name}V${major}`;
};

/** Any text as an identifier in the style of a field. */
export const fieldName = (property: string): string => {
  const name = property.replaceAll(/\W/g, '_');
  return /^[A-Za-z]/.test(name) ? name : `f${name.startsWith('_') ? '' : '_'}${name}`;
};

/** Any text as an identifier in the style of a type. */
export const typeName = (text: string): string => {
  const words = text.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return /^[A-Z]/.test(name) ? name : `T${name}`;
};

/** `OrderStatus` -> `ORDER_STATUS`, `customer-request` -> `CUSTOMER_REQUEST`. */
export const upperSnake = (text: string): string =>
  text
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase() || 'EMPTY';

/** By which ProtoJSON calls a field, and by which two of one message must differ. */
export const jsonName = (name: string): string => name.replaceAll(/_+(.?)/g, (_, next: string) => next.toUpperCase());

/** A name that is not taken: where it is, the number tells them apart. */
export const unlike = (wanted: string, number: number, taken: (name: string) => boolean): string =>
  taken(wanted) ? `${wanted}_${number}` : wanted;
