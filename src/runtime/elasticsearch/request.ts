/**
 * What the store asks of a client: `Client` of `@elastic/elasticsearch` or of `@opensearch-project/opensearch`, with its
 * authentication, TLS, retries and time limits.
 */
export interface SearchClient {
  transport: { request(parameters: SearchRequest, options?: SearchRequestOptions): PromiseLike<unknown> };
}

export interface SearchRequest {
  method: string;
  path: string;
  querystring?: { [name: string]: string };
  /** JSON text, or what is made JSON text. */
  body?: string | { [name: string]: unknown };
  /** Lines of JSON text. */
  bulkBody?: string[];
}

export interface SearchRequestOptions {
  /** Statuses that are answers rather than errors. */
  ignore?: number[];
  /** The answer is wanted with its status. */
  meta?: boolean;
}

/** An answer of the server. */
export interface Answer<Body> {
  readonly statusCode: number;
  readonly body: Body;
}

/** Asks the server. Rejects with the client's error when the status is neither good nor among `ignore`. */
export const ask = async <Body>(
  { transport }: SearchClient,
  method: string,
  path: readonly string[],
  { ignore = [], ...rest }: Pick<SearchRequest, "querystring" | "body" | "bulkBody"> & { ignore?: number[] } = {},
): Promise<Answer<Body>> => {
  const request = { method, path: `/${path.map(encodeURIComponent).join("/")}`, ...rest };
  return (await transport.request(request, { ignore, meta: true })) as Answer<Body>;
};
