import { createSecureContext } from 'node:tls';

/** All in PEM. */
export interface ClientTls {
  /** Who may have signed the certificate of the backend; left out, whom this machine trusts. */
  readonly ca?: Buffer | undefined;
  /** Of this gateway, where the backend asks for it. */
  readonly cert?: Buffer | undefined;
  readonly key?: Buffer | undefined;
  /** The name in the backend's certificate, where it is not that of its address. */
  readonly serverName?: string | undefined;
}

/**
 * Makes sure at load that certificates can be used: an exchange would only fail at the first call.
 * @throws Error on an address without TLS, a file that holds no PEM, or a key that is not that of the certificate
 */
export const checkTls = (tls: ClientTls | undefined, url: URL, name: string): void => {
  if (tls === undefined) return;
  if (url.protocol !== 'https:')
    throw new Error(`Backend "${name}" has "tls", but its url does not begin with https:.`);
  try {
    createSecureContext({ ca: tls.ca, cert: tls.cert, key: tls.key });
  } catch (error) {
    throw new Error(`The certificates of backend "${name}" cannot be used: ${(error as Error).message}.`);
  }
};
