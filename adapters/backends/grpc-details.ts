import { readFileSync } from 'node:fs';
import { createFileRegistry, type FileRegistry, fromBinary, type JsonValue, toJson } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { Metadata } from '@grpc/grpc-js';
import type { Failure } from '../../intents/ports.ts';

let registry: FileRegistry | undefined;
const details = (): FileRegistry => {
  registry ??= createFileRegistry(
    fromBinary(
      FileDescriptorSetSchema,
      readFileSync(new URL('../../intents/proto/descriptors.binpb', import.meta.url)),
    ),
  );
  return registry;
};

const maxErrors = 20;
const maxDescription = 200;
const maxRetryS = 3_600;

type Read = NonNullable<Failure['told']> & { readonly reason?: string };

/**
 * What a backend says of an error in google.rpc details (`grpc-status-details-bin`): which fields are wrong, when to try
 * again, and its reason, for the log. What cannot be read is as if it were not there.
 * @param clean takes credentials out of a text
 */
export const readDetails = (metadata: Metadata | undefined, clean: (text: string) => string): Read => {
  const bytes = metadata?.get('grpc-status-details-bin')[0];
  if (!Buffer.isBuffer(bytes)) return {};
  const protos = details();
  const read = (type: string, value: Uint8Array): Record<string, JsonValue> => {
    const descriptor = protos.getMessage(type);
    if (descriptor === undefined) return {};
    return toJson(descriptor, fromBinary(descriptor, value), { registry: protos }) as Record<string, JsonValue>;
  };
  let told: Read = {};
  try {
    // Read one by one: a detail of an unknown type must not hide the others.
    const status = protos.getMessage('google.rpc.Status');
    if (status === undefined) return {};
    const { details: all = [] } = fromBinary(status, bytes) as unknown as {
      details?: readonly { readonly typeUrl: string; readonly value: Uint8Array }[];
    };
    for (const { typeUrl, value } of all) {
      const type = typeUrl.slice(typeUrl.lastIndexOf('/') + 1);
      if (type === 'google.rpc.BadRequest') {
        const { fieldViolations = [] } = read(type, value) as {
          fieldViolations?: { field?: string; description?: string }[];
        };
        const errors = fieldViolations.slice(0, maxErrors).map(({ field = '', description = 'is not valid' }) => ({
          pointer: pointerOf(field),
          detail: plain(clean(description)),
        }));
        if (errors.length > 0) told = { ...told, errors };
      } else if (type === 'google.rpc.RetryInfo') {
        const seconds = Number.parseFloat(String(read(type, value).retryDelay));
        if (seconds > 0) told = { ...told, retryAfterS: Math.min(maxRetryS, Math.ceil(seconds)) };
      } else if (type === 'google.rpc.ErrorInfo') told = { ...told, reason: String(read(type, value).reason ?? '') };
    }
  } catch {
    return told;
  }
  return told;
};

/** `parcel.lines[2].weight` and `/parcel/lines/2/weight` alike. */
const pointerOf = (field: string): string => {
  const path = field.slice(0, 200);
  if (path === '' || path.startsWith('/')) return path;
  return `/${path
    .replaceAll(/\[(\w+)\]/g, '.$1')
    .split('.')
    .filter((name) => name !== '')
    .join('/')}`;
};

const plain = (text: string): string => text.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, ' ').slice(0, maxDescription);
