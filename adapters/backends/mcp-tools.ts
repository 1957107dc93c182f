import type { Tool } from '@modelcontextprotocol/client';
import type { McpBinding } from '../../intents/contract.ts';
import type { Json } from '../../intents/json.ts';

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, { readonly type?: unknown }>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
}

/**
 * Holds a binding against what the server says of the tool.
 * @returns one message per argument that the tool does not take, that it requires and might not get, or whose constant is
 * of another type; empty where all fits
 */
export const checkTool = (binding: McpBinding, tools: ReadonlyMap<string, Tool>): string[] => {
  const tool = tools.get(binding.tool);
  if (tool === undefined) {
    const names = [...tools.keys()].slice(0, 20).join(', ');
    return [`There is no tool "${binding.tool}"; the server has ${names || 'none'}.`];
  }
  const { properties = {}, required = [], additionalProperties } = tool.inputSchema as ObjectSchema;
  const given = argumentsOf(binding);
  const open = additionalProperties !== undefined && additionalProperties !== false;
  const strange = open ? [] : given.filter(({ name }) => !Object.hasOwn(properties, name));
  const absent = required.filter((name) => !given.some((one) => one.name === name));
  const uncertain = required.filter((name) => given.some((one) => one.name === name && !one.sure));
  const mistyped = given.filter(
    ({ name, constant }) => constant !== undefined && !hasType(constant, properties[name]?.type),
  );
  const says = (what: string) => `tool "${binding.tool}" ${what}`;
  return [
    ...strange.map(({ name }) =>
      says(`takes no "${name}"; it takes ${Object.keys(properties).join(', ') || 'nothing'}.`),
    ),
    ...absent.map((name) => says(`needs "${name}", which the binding does not give.`)),
    ...uncertain.map((name) => says(`needs "${name}", which the intent may leave out: require it, or give a default.`)),
    ...mistyped.map(({ name }) =>
      says(`takes "${name}" as ${String(properties[name]?.type)}, and is given a constant.`),
    ),
  ];
};

interface Argument {
  readonly name: string;
  /** Whether it is there in every call. */
  readonly sure: boolean;
  readonly constant?: Json;
}

const argumentsOf = ({ arguments: template, members }: McpBinding): readonly Argument[] => {
  if (template === undefined) return members.map(({ name, required }) => ({ name, sure: required }));
  return Object.entries(template).map(([name, value]): Argument => {
    if (typeof value !== 'string' || !value.startsWith('$.'))
      return { name, sure: true, ...(typeof value === 'object' ? {} : { constant: value }) };
    const [, member = '', ...deeper] = value.split('.');
    const known = members.find((one) => one.name === member);
    // What stands deeper is the contract's own matter.
    return { name, sure: deeper.length > 0 || known?.required !== false };
  });
};

const hasType = (value: Json, type: unknown): boolean => {
  const types = Array.isArray(type) ? type : [type];
  const own = typeof value;
  return type === undefined || types.includes(own) || (own === 'number' && types.includes('integer'));
};
