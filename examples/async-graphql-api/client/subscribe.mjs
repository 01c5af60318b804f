// node subscribe.mjs API_URL TOKEN
// Listens to comments over WebSocket. `subscriber` is what an app takes over.
import { pathToFileURL } from "node:url";
import { createClient } from "graphql-ws";
import WebSocket from "ws";

/**
 * A client whose connection lives as long as its token.
 *
 * `token()` gives an access token, refreshed if need be; it is asked at every (re)connection. When the server
 * closes with 4403, because the token has ended, graphql-ws connects again and so asks for a new one.
 */
export function subscriber(url, token, on = {}) {
  let socket;
  const client = createClient({
    url,
    webSocketImpl: WebSocket,
    connectionParams: async () => ({ authToken: await token() }),
    lazy: true,
    retryAttempts: 5,
    on: { ...on, opened: (opened) => (socket = opened) },
  });
  /** Shows a new token in the connection that is open, so that nothing is interrupted. */
  const renew = async () =>
    socket.send(JSON.stringify({ type: "ping", payload: { authToken: await token() } }));
  return { client, renew };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [url = "http://127.0.0.1:4461/graphql", token = process.env.ACCESS_TOKEN] = process.argv.slice(2);
  const { client } = subscriber(`${url.replace(/^http/, "ws")}/ws`, () => token);
  for await (const { data, errors } of client.iterate({ query: "subscription { commentAdded { author text } }" })) {
    console.log(errors ?? data.commentAdded);
  }
}
