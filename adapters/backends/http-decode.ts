import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';

const decoders: Readonly<Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
};

/**
 * Finds what undoes a `content-encoding` (RFC 9110, section 8.4).
 * @returns undefined for one that is not known, and for several on top of each other; else a function that rejects where
 * the body is broken, or larger than `maxBytes` once it is undone: it stops there
 */
export const decoderOf = (encoding: string): ((bytes: Buffer, maxBytes: number) => Promise<Buffer>) | undefined => {
  const name = encoding.trim().toLowerCase();
  const decode = Object.hasOwn(decoders, name) ? decoders[name] : undefined;
  return decode && ((bytes, maxBytes) => decode(bytes, { maxOutputLength: maxBytes }));
};
