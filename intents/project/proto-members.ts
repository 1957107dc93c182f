import { isObject, type JsonSchema, toPointer } from '../json.ts';
import { fieldName, isFieldNumber, jsonName, numberOf } from './proto-names.ts';

export interface Member {
  readonly property: string;
  readonly schema: unknown;
  readonly name: string;
  readonly number: number;
}

/**
 * Names and numbers of an object's members. A number is by the property's own name, or as its `x-number` says. A name
 * stays as it is where it can; where two are alike to protobuf or to ProtoJSON, the one that is no plain identifier
 * takes its number behind it.
 * @param wrong told of each number that cannot be, with its place and the way out
 */
export const membersOf = (schema: JsonSchema, place: string, wrong: (message: string) => void): Member[] => {
  const properties = Object.entries(schema.properties ?? {}).filter(([, member]) => (member as unknown) !== false);
  const plain = new Set(properties.map(([name]) => name).filter((name) => fieldName(name) === name));
  const kept = new Map([...plain].map((name) => [jsonName(name), name]).reverse() as [string, string][]);
  const byNumber = new Map<number, string>();
  return properties.map(([property, member]) => {
    const own = isObject(member) ? member['x-number'] : undefined;
    if (own !== undefined && !isFieldNumber(own))
      wrong(
        `${place}${toPointer([property])}: "x-number" is a whole number from 1 to 536870911, and none from 19000 to 19999.`,
      );
    const number = isFieldNumber(own) ? own : numberOf(property);
    const other = byNumber.get(number);
    if (other !== undefined)
      wrong(
        `${place}: "${other}" and "${property}" would both have the number ${number}. Give one of them its own: "x-number: 1".`,
      );
    byNumber.set(number, property);
    const wanted = fieldName(property);
    const holder = kept.get(jsonName(wanted));
    if (holder === undefined) kept.set(jsonName(wanted), property);
    const name = holder === undefined || holder === property ? wanted : `${wanted}_${number}`;
    return { property, schema: member, name, number };
  });
};
