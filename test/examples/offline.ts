// Loaded before a program (node --import), this ends it at the first attempt to reach anything but this machine: whoever
// catches the error would go on, and hide that there was an attempt.
import dgram from 'node:dgram';
import dns from 'node:dns';
import { writeSync } from 'node:fs';
import net from 'node:net';

const here = (host: unknown): boolean =>
  host === undefined || host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(String(host));

const end = (where: unknown): never => {
  writeSync(2, `${String(where)} is outside of this machine\n`);
  process.exit(86);
};

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (this: net.Socket, ...given: unknown[]) {
  // Node itself hands over [options, callback] in one list, marked as normalized.
  const [first, second] = Array.isArray(given[0]) ? given[0] : given;
  const local = typeof first === 'string' && Number.isNaN(Number(first));
  const { host, path } = (
    typeof first === 'object' && first !== null ? first : { host: second }
  ) as net.TcpNetConnectOpts & net.IpcNetConnectOpts;
  if (!local && path === undefined && !here(host)) end(host);
  return Reflect.apply(connect, this, given);
} as typeof connect;

const guarded = (holder: object): void => {
  for (const [name, work] of Object.entries(holder))
    if (typeof work === 'function' && /^(lookup|resolve|reverse)/.test(name))
      Object.defineProperty(holder, name, {
        value: (host: unknown, ...rest: unknown[]) =>
          here(host) ? Reflect.apply(work, holder, [host, ...rest]) : end(host),
      });
};
guarded(dns);
guarded(dns.promises);
dgram.Socket.prototype.send = () => end('a datagram');
