import { isObject, type Json, type JsonSchema, pointerSegment } from '../json.ts';
import type { FieldError } from '../problems.ts';
import type { ProtoEnum, ProtoField, ProtoMessage, ProtoScalar, ProtoType } from './proto-model.ts';

/** The values of one message, between the contract's JSON and ProtoJSON with the names of the proto. */
export interface ProtoValues {
  /**
   * What does not fit its field is left out, as a contract's `output_mode: drop` would.
   * @param lost told of the place of each such value
   */
  toProto(value: unknown, lost: (pointer: string) => void): Json;
  /** @param wrong told of what the contract's JSON cannot hold: a whole number beyond 2^53, no number at all */
  fromProto(json: unknown, wrong: (error: FieldError) => void): Json;
}

/** Tells whether a value fits a schema: to find which alternative it is. */
export type Fits = (schema: JsonSchema) => (value: unknown) => boolean;

interface Codec {
  /** @returns undefined where it does not fit */
  readonly to: (value: unknown, at: string, lost: (pointer: string) => void) => Json | undefined;
  /** @returns undefined where nothing is meant */
  readonly from: (json: unknown, at: string, wrong: (error: FieldError) => void) => Json | undefined;
}

/** Compiles both directions for a message: no name is looked up by kind while it serves. */
export const protoValues = (message: ProtoMessage, fits: Fits): ProtoValues => {
  const codecs = new Map<ProtoMessage, Codec>();
  const codec = messageCodec(message, fits, codecs);
  if (!message.wraps)
    return {
      toProto: (value, lost) => codec.to(value, '', lost) ?? {},
      fromProto: (json, wrong) => codec.from(json, '', wrong) ?? {},
    };
  const only = message.fields[0] as ProtoField;
  return {
    toProto: (value, lost) => codec.to({ [only.property]: value }, '', lost) ?? {},
    fromProto: (json, wrong) =>
      (codec.from(json, '', wrong) as Record<string, Json> | undefined)?.[only.property] ?? null,
  };
};

const messageCodec = (message: ProtoMessage, fits: Fits, codecs: Map<ProtoMessage, Codec>): Codec => {
  const known = codecs.get(message);
  if (known !== undefined) return known;
  let made: Codec | undefined;
  // A recursive message meets itself while it is still being compiled.
  codecs.set(message, {
    to: (value, at, lost) => made?.to(value, at, lost),
    from: (json, at, wrong) => made?.from(json, at, wrong),
  });
  const members = message.fields.map((field) => ({ field, ...fieldCodec(field, fits, codecs) }));
  made = message.oneof ? branchCodec(members, fits) : memberCodec(members);
  codecs.set(message, made);
  return made;
};

type Members = readonly ({ readonly field: ProtoField } & Codec)[];

const memberCodec = (members: Members): Codec => ({
  to: (value, at, lost) => {
    if (!isObject(value)) return undefined;
    const made: Record<string, Json> = {};
    for (const { field, to } of members) {
      if (!Object.hasOwn(value, field.property)) continue;
      const inner = value[field.property];
      if (inner === undefined || (inner === null && !takesNull(field))) continue;
      const place = `${at}/${pointerSegment(field.property)}`;
      const json = to(inner, place, lost);
      if (json === undefined) lost(place);
      else made[field.name] = json;
    }
    return made;
  },
  from: (json, at, wrong) => {
    const given = isObject(json) ? json : {};
    const made: Record<string, Json> = {};
    for (const { field, from } of members) {
      const inner = given[field.name] ?? (takesNull(field) && Object.hasOwn(given, field.name) ? null : undefined);
      // An empty list is not sent: where the contract wants a list, it is one.
      const value =
        inner === undefined ? emptyOf(field) : from(inner, `${at}/${pointerSegment(field.property)}`, wrong);
      if (value !== undefined)
        Object.defineProperty(made, field.property, { value, enumerable: true, writable: true, configurable: true });
    }
    return made;
  },
});

const branchCodec = (members: Members, fits: Fits): Codec => {
  const branches = members.map((member) => ({ ...member, is: fits(member.field.branch ?? {}) }));
  const byName = new Map(members.map((member) => [member.field.name, member]));
  return {
    to: (value, at, lost) => {
      for (const { field, is, to } of branches) {
        const json = is(value) ? to(value, at, lost) : undefined;
        if (json !== undefined) return { [field.name]: json };
      }
      return undefined;
    },
    from: (json, at, wrong) => {
      const [name, inner] = Object.entries(isObject(json) ? json : {})[0] ?? [];
      return name === undefined ? undefined : byName.get(name)?.from(inner, at, wrong);
    },
  };
};

const takesNull = ({ type, shape }: ProtoField): boolean =>
  shape === 'one' && type.kind === 'open' && type.name === 'Value';

const emptyOf = ({ shape, required }: ProtoField): Json | undefined =>
  required && shape !== 'one' ? (shape === 'many' ? [] : {}) : undefined;

const fieldCodec = ({ type, shape }: ProtoField, fits: Fits, codecs: Map<ProtoMessage, Codec>): Codec => {
  const one = typeCodec(type, fits, codecs);
  if (shape === 'one') return one;
  if (shape === 'many')
    return {
      to: (value, at, lost) =>
        Array.isArray(value)
          ? value.flatMap((item, index) => {
              const json = one.to(item, `${at}/${index}`, lost);
              if (json === undefined) lost(`${at}/${index}`);
              return json === undefined ? [] : [json];
            })
          : undefined,
      from: (json, at, wrong) =>
        (json as unknown[]).map((item, index) => one.from(item, `${at}/${index}`, wrong) ?? null),
    };
  const entries = (
    value: Readonly<Record<string, unknown>>,
    each: (inner: unknown, name: string) => Json | undefined,
  ): Json =>
    Object.fromEntries(
      Object.entries(value).flatMap(([name, inner]) => {
        const json = each(inner, name);
        return json === undefined ? [] : [[name, json]];
      }),
    );
  return {
    to: (value, at, lost) =>
      isObject(value)
        ? entries(value, (inner, name) => {
            const json = one.to(inner, `${at}/${pointerSegment(name)}`, lost);
            if (json === undefined) lost(`${at}/${pointerSegment(name)}`);
            return json;
          })
        : undefined,
    from: (json, at, wrong) =>
      entries(json as Record<string, unknown>, (inner, name) =>
        one.from(inner, `${at}/${pointerSegment(name)}`, wrong),
      ),
  };
};

const typeCodec = (type: ProtoType, fits: Fits, codecs: Map<ProtoMessage, Codec>): Codec => {
  switch (type.kind) {
    case 'message':
      return messageCodec(type.of, fits, codecs);
    case 'enum':
      return enumCodec(type.of);
    case 'open': {
      const fitting =
        type.name === 'Value'
          ? () => true
          : type.name === 'Struct'
            ? isObject
            : (value: unknown) => Array.isArray(value);
      return { to: (value) => (fitting(value) ? (value as Json) : undefined), from: (json) => json as Json };
    }
    case 'scalar':
      return scalarCodecs[type.name];
  }
};

const enumCodec = ({ values }: ProtoEnum): Codec => {
  const names = new Map(values.map(({ value, name }) => [value, name]));
  const words = new Map(values.map(({ value, name }) => [name, value]));
  return {
    to: (value) => names.get(value as string),
    from: (json, at, wrong) => {
      // One that this contract does not know comes as its number, the zero as a name that is no value.
      if (typeof json === 'number') wrong({ pointer: at, detail: `${json} is none of its values` });
      return words.get(json as string);
    },
  };
};

const same = (json: unknown): Json => json as Json;
const isText = (value: unknown): Json | undefined => (typeof value === 'string' ? value : undefined);
const isNumber = (value: unknown): Json | undefined => (typeof value === 'number' ? value : undefined);
const finite: Codec['from'] = (json, at, wrong) => {
  if (typeof json !== 'number') wrong({ pointer: at, detail: 'must be a number that JSON can hold' });
  return json as Json;
};
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const scalarCodecs: Readonly<Record<ProtoScalar, Codec>> = {
  string: { to: isText, from: same },
  bytes: { to: (value) => (typeof value === 'string' && base64.test(value) ? value : undefined), from: same },
  bool: { to: (value) => (typeof value === 'boolean' ? value : undefined), from: same },
  double: { to: isNumber, from: finite },
  float: {
    to: (value) => (Math.abs(value as number) <= 3.4028234663852886e38 ? isNumber(value) : undefined),
    from: finite,
  },
  int32: {
    to: (value) =>
      Number.isInteger(value) && (value as number) === ((value as number) | 0) ? (value as Json) : undefined,
    from: same,
  },
  int64: {
    to: (value) =>
      Number.isInteger(value) && Math.abs(value as number) < 2 ** 63 ? String(BigInt(value as number)) : undefined,
    from: (json, at, wrong) => {
      const value = Number(json);
      if (!Number.isSafeInteger(value))
        wrong({ pointer: at, detail: 'is beyond what JSON holds exactly: from -(2^53 - 1) to 2^53 - 1' });
      return value;
    },
  },
};
