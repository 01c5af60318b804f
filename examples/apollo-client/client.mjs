// An Apollo Client that keeps its user logged in: each operation carries the access token; when the
// server says UNAUTHENTICATED the tokens are refreshed, once for all operations that were told so, and
// each of them is tried once more. Knows nothing of React.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { CombinedGraphQLErrors, ServerError } from "@apollo/client/errors";
import { SetContextLink } from "@apollo/client/link/context";
import { ErrorLink } from "@apollo/client/link/error";
import { from, switchMap } from "rxjs";

export { gql };

const REFRESH = gql`
  mutation Refresh($input: RefreshInput!) {
    refresh(input: $input) {
      ... on RefreshSuccess {
        accessToken
        refreshToken
      }
    }
  }
`;

/**
 * The user's tokens, and the one place that renews them.
 * `refreshOnce` is given the refresh token and gives `{accessToken, refreshToken}`, or null if the
 * session has ended.
 */
export class Session {
  #refreshing = null;

  constructor(tokens, refreshOnce) {
    this.tokens = tokens;
    this.refreshOnce = refreshOnce;
  }

  get accessToken() {
    return this.tokens?.accessToken;
  }

  /**
   * A newer token than `stale`, or null if the session has ended. However many ask at the same time,
   * one request is made; and none if the token was renewed since `stale` was sent.
   */
  renew(stale) {
    if (this.accessToken !== stale) return Promise.resolve(this.accessToken ?? null);
    this.#refreshing ??= this.refreshOnce(this.tokens.refreshToken)
      .then((tokens) => {
        this.tokens = tokens;
        return tokens?.accessToken ?? null;
      })
      .finally(() => {
        this.#refreshing = null;
      });
    return this.#refreshing;
  }
}

const unauthenticated = (error) =>
  (CombinedGraphQLErrors.is(error) &&
    error.errors.some(({ extensions }) => extensions?.code === "UNAUTHENTICATED")) ||
  (ServerError.is(error) && error.statusCode === 401);

/**
 * A client for the GraphQL API at `uri`, for the user with these tokens (`{accessToken, refreshToken}`
 * from `login` or `signup`, or null). `refreshUri` is Countersign's own endpoint; leave it out if that
 * is the API you call. `fetch` may be given, for tests.
 */
export function makeClient({ uri, refreshUri = uri, tokens, fetch = globalThis.fetch }) {
  const bare = new ApolloClient({
    link: new HttpLink({ uri: refreshUri, fetch }),
    cache: new InMemoryCache(),
  });
  const session = new Session(tokens, async (refreshToken) => {
    const { data } = await bare.mutate({
      mutation: REFRESH,
      variables: { input: { refreshToken } },
      fetchPolicy: "no-cache",
    });
    return data.refresh.accessToken ? data.refresh : null;
  });

  const attachToken = new SetContextLink(({ headers, ...context }) => {
    const sent = session.accessToken;
    return {
      ...context,
      sent,
      headers: sent ? { ...headers, authorization: `Bearer ${sent}` } : headers,
    };
  });
  const renewToken = new ErrorLink(({ error, operation, forward }) => {
    const { sent, again } = operation.getContext();
    if (!sent || again || !unauthenticated(error)) return undefined;
    operation.setContext({ again: true });
    return from(session.renew(sent)).pipe(
      switchMap((token) => {
        if (!token) throw error;
        return forward(operation);
      }),
    );
  });

  const client = new ApolloClient({
    link: ApolloLink.from([renewToken, attachToken, new HttpLink({ uri, fetch })]),
    cache: new InMemoryCache(),
  });
  return { client, session };
}
