import { setInterval as every } from 'node:timers/promises';
import { OstiaryError } from '../../intents/problems.ts';
import { fixedProtos } from '../../intents/project/proto-fixed.ts';
import type { GrpcCaller } from './grpc-call.ts';
import { messageOf, readMessage, writeMessage } from './grpc-projection.ts';

/** Of the whole gateway, and of the one service that every set-up has: which others there are, is not told here. */
const known = ['', 'ostiary.v1.Intents'];
const lookEveryMs = 1_000;

/** grpc.health.v1. Source: https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
export const healthCheck = async (bytes: Buffer, caller: GrpcCaller, draining: () => boolean): Promise<Buffer> => {
  const service = serviceOf(bytes, caller);
  if (!known.includes(service)) throw new OstiaryError('request.not_found', 'The health of that is not told here.');
  return said(servingStatus(caller, draining));
};

/** Tells how it is, and each time that it changes. */
export const healthWatch = async (
  bytes: Buffer,
  caller: GrpcCaller,
  send: (bytes: Buffer) => boolean,
  draining: () => boolean,
): Promise<void> => {
  const unknown = !known.includes(serviceOf(bytes, caller));
  const look = () => (unknown ? 'SERVICE_UNKNOWN' : servingStatus(caller, draining));
  let told = look();
  send(said(told));
  try {
    for await (const _ of every(lookEveryMs, undefined, { signal: caller.signal, ref: false })) {
      const now = look();
      if (now !== told) send(said(now));
      told = now;
    }
  } catch (error) {
    if (!caller.signal.aborted) throw error;
    if (draining()) send(said('NOT_SERVING'));
  }
};

const serviceOf = (bytes: Buffer, { gate }: GrpcCaller): string => {
  const type = messageOf(fixedProtos(), 'grpc.health.v1.HealthCheckRequest');
  const { service = '' } = readMessage(type, bytes, fixedProtos(), gate.config.limits.depth) as { service?: string };
  return service;
};

const servingStatus = ({ gate }: GrpcCaller, draining: () => boolean): string =>
  draining() || gate.store.fault() !== undefined ? 'NOT_SERVING' : 'SERVING';

const said = (serving: string): Buffer =>
  writeMessage(messageOf(fixedProtos(), 'grpc.health.v1.HealthCheckResponse'), { status: serving }, fixedProtos());
