import { hkdfSync, randomBytes, webcrypto } from 'node:crypto';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { OstiaryError } from '../intents/problems.ts';
import type { Conversation } from '../intents/resolve/conversation/state.ts';
import { holderOf } from '../policies/tokens/principal.ts';
import type { Principal } from '../policies/types.ts';

type Holder = Pick<Principal, 'tenant' | 'type' | 'id'> & Partial<Pick<Principal, 'delegations' | 'token'>>;

/** What a token says inside. */
interface Sealed {
  readonly v: 1;
  readonly tenant: string;
  readonly type: string;
  readonly id: string;
  /** The key of who asked for that principal, where a token was handed on to them. */
  readonly agent?: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
  readonly conversation: Conversation;
}

/** Conversations between requests, kept by the caller: encrypted, bound to who may go on with them, short-lived. */
export interface Sessions {
  /** @returns a token, without what does not fit into one; undefined where nothing fits */
  seal(conversation: Conversation, holder: Holder, now: Date): Promise<string | undefined>;
  /** @throws OstiaryError `session.unknown` where this caller has no such session, `session.expired` */
  open(token: string, holder: Holder, now: Date): Promise<Conversation>;
  /** For what else is to be signed or sealed by this gateway alone. */
  readonly key: Uint8Array;
}

/** No longer token is made, nor opened: it has to go along with every request. */
export const maxTokenLength = 8_192;
/** So many bytes of JSON, with the holder, make no longer token in base64. */
const maxPlainBytes = 5_900;

/**
 * Tokens are JWE (RFC 7516), direct encryption with A256GCM: nobody but this gateway can read or change one.
 * @param options `key` at least 32 characters with at least 256 bits of chance in them; left out, a random one
 */
export const createSessions = ({
  key: configured,
  ttlMs,
}: {
  readonly key: string | undefined;
  readonly ttlMs: number;
}): Sessions => {
  const key =
    configured === undefined
      ? randomBytes(32)
      : new Uint8Array(hkdfSync('sha256', configured, '', 'ostiary session 1', 32));
  let imported: Promise<webcrypto.CryptoKey> | undefined;
  const cryptoKey = () => {
    imported ??= webcrypto.subtle.importKey('raw', Uint8Array.from(key), 'AES-GCM', false, ['encrypt', 'decrypt']);
    return imported;
  };

  return {
    key,
    async seal(conversation, holder, now) {
      const { tenant, type, id } = holder;
      const agent = holderOf(holder);
      const who = { tenant, type, id, ...(agent === undefined ? {} : { agent }) };
      for (const kept of shrinking(conversation)) {
        const sealed: Sealed = { v: 1, ...who, expires: now.getTime() + ttlMs, conversation: kept };
        const plain = Buffer.from(JSON.stringify(sealed));
        if (plain.length <= maxPlainBytes)
          return new CompactEncrypt(plain)
            .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
            .encrypt(await cryptoKey());
      }
      return undefined;
    },
    async open(token, holder, now) {
      const sealed = token.length > maxTokenLength ? undefined : await decrypted(token, await cryptoKey());
      const theirs =
        sealed?.v === 1 &&
        sealed.tenant === holder.tenant &&
        sealed.type === holder.type &&
        sealed.id === holder.id &&
        sealed.agent === holderOf(holder);
      // A forged token and that of somebody else look alike from outside.
      if (!theirs)
        throw new OstiaryError(
          'session.unknown',
          'There is no such session for this caller. Ask without "session" to begin a new one.',
        );
      if (sealed.expires <= now.getTime())
        throw new OstiaryError(
          'session.expired',
          `This session ended ${new Date(sealed.expires).toISOString()}, with any question in it. Ask anew, without "session".`,
        );
      return sealed.conversation;
    },
  };
};

const decrypted = async (token: string, key: webcrypto.CryptoKey): Promise<Sealed | undefined> => {
  try {
    const { plaintext } = await compactDecrypt(token, key, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    return JSON.parse(Buffer.from(plaintext).toString('utf8')) as Sealed;
  } catch {
    return undefined;
  }
};

/** The conversation, then with less and less of what it can do without. */
const shrinking = function* (conversation: Conversation): Generator<Conversation> {
  const { pending } = conversation;
  yield conversation;
  const open = pending === undefined ? {} : { pending };
  yield { ...open, mentions: conversation.mentions };
  yield { ...open, mentions: [] };
  yield { mentions: [] };
};
