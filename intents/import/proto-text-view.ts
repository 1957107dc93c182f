import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import protobuf, { type Field, type Method, type ReflectionObject } from 'protobufjs';
import { httpMethodOf, knownOptions, type ProtoField, type ProtoMethod, type ProtoView } from './proto-view.ts';

/** @returns undefined where there is no such file */
export type ReadProto = (path: string) => string | undefined;

const own = new URL('../proto/', import.meta.url);
const maxFiles = 5_000;

/**
 * Reads .proto files with all they import.
 * @param files as `read` knows them; the services of these are taken, not those of what they import
 * @throws Error that names file and line where one does not parse, or imports what is nowhere
 */
export const protoTextView = (files: readonly string[], read: ReadProto): ProtoView => {
  const root = new protobuf.Root();
  const seen = new Set<string>();
  const waiting = files.map((file) => ({ file, from: '' }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { file, from } = next;
    if (seen.has(file)) continue;
    seen.add(file);
    if (seen.size > maxFiles) throw new Error(`More than ${maxFiles} files are imported; import fewer at a time.`);
    const text = read(file) ?? bundledProto(file);
    const common = text === undefined ? protobuf.common.get(file) : null;
    if (text !== undefined) waiting.push(...parsed(root, file, text).map((path) => ({ file: path, from: file })));
    else if (common?.nested != null) root.addJSON(common.nested);
    else
      throw new Error(
        from === ''
          ? `There is no ${file}.`
          : `${from} imports "${file}", which is nowhere; name its folder with --proto-path.`,
      );
  }
  try {
    root.resolveAll();
  } catch (error) {
    throw new Error(`The protos do not fit together: ${(error as Error).message}`);
  }
  return viewOf(root, new Set(files));
};

const parsed = (root: protobuf.Root, file: string, text: string): string[] => {
  try {
    // Its types leave out by what it names the file in its errors, and in what it reads.
    (protobuf.parse as { filename?: string | null }).filename = file;
    const { imports = [], weakImports = [] } = protobuf.parse(text, root, {
      keepCase: true,
      alternateCommentMode: true,
    });
    return [...imports, ...weakImports];
  } catch (error) {
    const { message } = error as Error;
    throw new Error(message.includes(file) ? `This is not proto: ${message}` : `${file} is not proto: ${message}`);
  }
};

/** What stands in many imports and beside few protos: the option for intents, and Google's own. */
export const bundledProto = (file: string): string | undefined => {
  const google = dirname(createRequire(import.meta.url).resolve('protobufjs'));
  const home = /^ostiary\/v1\/intent\.proto$/.test(file)
    ? own
    : /^google\/(api\/(annotations|http)|protobuf\/(api|descriptor|source_context|type))\.proto$/.test(file)
      ? join(google, '/')
      : undefined;
  return home === undefined
    ? undefined
    : readFileSync(typeof home === 'string' ? join(home, file) : new URL(file, home), 'utf8');
};

const viewOf = (root: protobuf.Root, files: ReadonlySet<string>): ProtoView => ({
  methods: servicesOf(root)
    .filter(({ filename }) => filename !== null && files.has(filename))
    .flatMap((service) => service.methodsArray.map((method) => methodOf(nameOf(service), method))),
  message(fullName) {
    const type = root.lookup(fullName, [protobuf.Type]);
    return type instanceof protobuf.Type
      ? { fullName, comment: type.comment ?? '', fields: type.fieldsArray.map(fieldOf) }
      : undefined;
  },
  enumeration(fullName) {
    const type = root.lookup(fullName, [protobuf.Enum]);
    return type instanceof protobuf.Enum
      ? { fullName, comment: type.comment ?? '', values: Object.keys(type.values) }
      : undefined;
  },
});

const servicesOf = (namespace: protobuf.NamespaceBase): protobuf.Service[] =>
  namespace.nestedArray.flatMap((inner) =>
    inner instanceof protobuf.Service
      ? [inner]
      : inner instanceof protobuf.Namespace && !(inner instanceof protobuf.Type)
        ? servicesOf(inner)
        : [],
  );

const methodOf = (service: string, method: Method): ProtoMethod => ({
  service,
  name: method.name,
  input: nameOf(method.resolvedRequestType),
  output: nameOf(method.resolvedResponseType),
  streams: method.requestStream ? (method.responseStream ? 'both' : 'client') : method.responseStream ? 'server' : 'no',
  comment: method.comment ?? '',
  deprecated: optionsOf(method, 'deprecated')[0] === true,
  pure: optionsOf(method, 'idempotency_level')[0] === 'NO_SIDE_EFFECTS',
  http: httpMethodOf(optionsOf(method, knownOptions.http)[0]),
  hint: optionsOf(method, knownOptions.intent)[0],
});

const fieldOf = (field: Field): ProtoField => {
  const resolved = field.resolvedType;
  const behaviour = optionsOf(field, knownOptions.behaviour).flat();
  return {
    name: field.name,
    comment: field.comment ?? '',
    type:
      resolved === null
        ? { kind: 'scalar', name: field.type }
        : { kind: resolved instanceof protobuf.Enum ? 'enum' : 'message', name: nameOf(resolved) },
    shape: field.map ? 'map' : field.repeated ? 'list' : 'one',
    key: field instanceof protobuf.MapField ? field.keyType : undefined,
    oneof: field.partOf === null || field.partOf.isProto3Optional ? undefined : field.partOf.name,
    required: field.required || behaviour.includes('REQUIRED'),
    outputOnly: behaviour.includes('OUTPUT_ONLY'),
    deprecated: optionsOf(field, 'deprecated')[0] === true,
  };
};

/** Every value that an option is given, in order; an option of others stands in parentheses. */
const optionsOf = ({ parsedOptions }: ReflectionObject, name: string): unknown[] => {
  const spelt = [name, `(${name})`, `(.${name})`];
  return ((parsedOptions ?? []) as unknown as Record<string, unknown>[]).flatMap((option) =>
    spelt.filter((key) => Object.hasOwn(option, key)).map((key) => option[key]),
  );
};

const nameOf = (object: { readonly fullName: string } | null): string => object?.fullName.replace(/^\./, '') ?? '';
