import { type ProtoFile, protoFiles, shownExamples } from './proto-files.ts';
import type { ProtoEnum, ProtoField, ProtoMessage, ProtoModel, ProtoRpc } from './proto-model.ts';

/** The .proto files of a model, by their path. */
export const protoTexts = (model: ProtoModel): Map<string, string> =>
  new Map(protoFiles(model).map((file) => [file.path, fileText(file)]));

const fileText = ({ package: home, imports, service, rpcs, messages, enums }: ProtoFile): string =>
  `${[
    ['// Made of the contracts by "ostiary generate proto". What is changed here is lost.', 'syntax = "proto3";'].join(
      '\n',
    ),
    `package ${home};`,
    ...(imports.length === 0 ? [] : [imports.map((path) => `import "${path}";`).join('\n')]),
    ...(service === undefined ? [] : [block(`service ${service}`, rpcs.map(rpcText), '\n\n')]),
    ...enums.map(enumText),
    ...messages.map((message) => messageText(message, home)),
  ].join('\n\n')}\n`;

const block = (head: string, parts: readonly string[], between = '\n'): string =>
  parts.length === 0 ? `${head} {}` : `${head} {\n${indented(parts.join(between))}\n}`;

const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, '  ');

const comment = (text: string): string => {
  const lines = text.split(/[\r\n\u2028\u2029]+/).filter((line) => line.trim() !== '');
  return lines.map((line) => `// ${line.trim()}\n`).join('');
};

const rpcText = (rpc: ProtoRpc): string => {
  const { intent, method, request, response } = rpc;
  const { name, version, title, description, effect, sinks } = intent;
  const option = [
    `name: ${quoted(name)}`,
    `version: ${quoted(version)}`,
    `title: ${quoted(title)}`,
    ...(description === '' ? [] : [`description: ${quoted(description)}`]),
    `effect: EFFECT_${effect.toUpperCase()}`,
    ...sinks.map((sink) => `sinks: ${quoted(sink)}`),
    ...shownExamples(rpc).map((example) => `examples: ${quoted(example)}`),
  ];
  const head = `${comment(description === '' ? title : description)}rpc ${method}(${request.name}) returns (${rpc.streams ? 'stream ' : ''}${response.name})`;
  return block(head, [`option (ostiary.v1.intent) = {\n${indented(option.join('\n'))}\n};`]);
};

/** A string of the protobuf language: what is no plain ASCII is written byte by byte where it would break a line. */
const quoted = (text: string): string =>
  `"${text
    .replaceAll(/[\\"]/g, '\\$&')
    .replaceAll('\n', '\\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not stand there
    .replaceAll(/[\u0000-\u001f\u007f]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`)}"`;

const enumText = ({ name, description, zero, values }: ProtoEnum): string =>
  comment(description) +
  block(`enum ${name}`, [`${zero} = 0;`, ...values.map(({ name: value, number }) => `${value} = ${number};`)]);

const messageText = (message: ProtoMessage, home: string): string => {
  const { name, description, fields, messages, enums, oneof } = message;
  const inner = [...enums.map(enumText), ...messages.map((one) => messageText(one, home))];
  const lines = fields.map((field) => fieldText(field, oneof)).join('\n');
  const body = oneof ? block('oneof value', [lines]) : lines;
  const parts = [...inner, ...(body === '' ? [] : [body])];
  return comment(description) + block(`message ${name}`, parts, '\n\n');
};

const fieldText = ({ name, number, type, shape, description }: ProtoField, oneof: boolean): string => {
  // With a dot in front: no name that stands nearer can be meant.
  const written =
    type.kind === 'scalar'
      ? type.name
      : type.kind === 'open'
        ? `.google.protobuf.${type.name}`
        : `.${type.of.fullName}`;
  const label =
    shape === 'many'
      ? 'repeated '
      : shape === 'map' || oneof || type.kind === 'message' || type.kind === 'open'
        ? ''
        : 'optional ';
  return `${comment(description)}${label}${shape === 'map' ? `map<string, ${written}>` : written} ${name} = ${number};`;
};
