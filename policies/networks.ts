import { BlockList, isIP } from 'node:net';
import { didYouMean } from '../intents/did-you-mean.ts';
import type { Truth } from './purposes.ts';

/** Address ranges by name, `corp: ["10.20.0.0/16", "2001:db8:20::/48"]`. */
export type Networks = ReadonlyMap<string, readonly string[]>;

/**
 * Whether an address lies in any of the networks. What is no address cannot be known to lie anywhere.
 * @param operand a name, an address or a range, or a list of them
 * @throws Error naming what is none of these
 */
export const addressesOf = (operand: unknown, networks: Networks): ((value: unknown) => Truth) => {
  const wanted = typeof operand === 'string' ? [operand] : operand;
  if (!Array.isArray(wanted) || wanted.length === 0)
    throw new Error('this operator takes the name of a network, a range like "10.0.0.0/8", or a list of them');
  const within = new BlockList();
  for (const one of wanted) {
    const ranges = networks.get(String(one)) ?? (rangeFault(String(one)) === undefined ? [String(one)] : undefined);
    if (ranges === undefined)
      throw new Error(
        `"${one}" is neither a network nor a range of addresses.${didYouMean(String(one), networks.keys())}`,
      );
    for (const range of ranges) add(within, range);
  }
  // One caller asks many times from one address.
  let last: string | undefined;
  let answer = false;
  return (value) => {
    if (typeof value !== 'string') return undefined;
    if (value === last) return answer;
    const version = isIP(value);
    if (version === 0) return undefined;
    [last, answer] = [value, within.check(value, version === 4 ? 'ipv4' : 'ipv6')];
    return answer;
  };
};

/** @returns what is wrong with a range as written; undefined where nothing is */
export const rangeFault = (range: string): string | undefined => {
  const [address = '', bits, ...rest] = range.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits)))
    return `"${range}" is not a range of addresses: write one like "10.20.0.0/16" or "2001:db8:20::/48"`;
  const most = version === 4 ? 32 : 128;
  return bits !== undefined && Number(bits) > most
    ? `"${range}" has more than the ${most} bits of an IPv${version} address`
    : undefined;
};

const add = (networks: BlockList, range: string): void => {
  const [address = '', bits] = range.split('/');
  const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
  if (bits === undefined) networks.addAddress(address, family);
  else networks.addSubnet(address, Number(bits), family);
};
