import type { AuditStore, Store, StoredEntry } from '../../policies/ports.ts';
import type { LoadedConfig } from '../config.ts';
import { CommandError, exit } from './terminal.ts';

/** The store of a set-up, without its gateway. */
export interface OpenedStore extends Pick<LoadedConfig, 'config' | 'folder'> {
  readonly store: Store;
}

/** Opens the store of a folder for as long as the work takes. @throws CommandError where the configuration is wrong */
export const withStore = async <T>(dir: string, work: (opened: OpenedStore) => Promise<T>): Promise<T> => {
  const [{ loadConfig }, { openStore }] = await Promise.all([import('../config.ts'), import('../wire-stores.ts')]);
  const { loaded, findings } = loadConfig(dir, process.env);
  if (loaded === undefined)
    throw new CommandError(
      findings.map(({ file, line: at, message }) => `${file}:${at} ${message}`).join('\n'),
      exit.usage,
    );
  const { config, folder } = loaded;
  const store = await openStore({ config, folder });
  try {
    return await work({ store, config, folder });
  } finally {
    await store.close();
  }
};

const pageSize = 5_000;

/** Every entry after one, page by page, the oldest first. */
export async function* pagesOf(audit: AuditStore, after = 0): AsyncGenerator<readonly StoredEntry[]> {
  for (let from = after; ; ) {
    const page = await audit.read(from, pageSize);
    if (page.length === 0) return;
    yield page;
    from = page.at(-1)?.sequence ?? from;
  }
}
