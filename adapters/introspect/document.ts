import { type HttpOptions, httpClient } from '../backends/http-client.ts';

export interface FetchedDocument {
  readonly status: number;
  readonly text: string;
}

/**
 * Fetches a document that the command line or the configuration names, and nothing that a document names.
 * @param options.maxBytes of the document
 * @returns whatever the status; redirects are not followed
 * @throws Error that says why there is no answer: nobody there, too slow, too large
 */
export const fetchDocument = async (options: HttpOptions, signal: AbortSignal): Promise<FetchedDocument> => {
  const client = httpClient(options, 'application/json, application/yaml;q=0.9, */*;q=0.1');
  const { pathname, search } = options.url;
  try {
    const answer = await client.send({ method: 'GET', path: pathname + search }, { signal, headers: {} });
    if (!answer.ok) throw new Error(client.logText(answer.detail));
    return { status: answer.status, text: answer.bytes.toString('utf8') };
  } finally {
    await client.close();
  }
};
