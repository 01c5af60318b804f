// Countersign's public keys, fetched at most once in five seconds, whoever asks for whatever key.
//
// The tutorial's `rateLimit: true` counts all questions alike: somebody who sends tokens with made-up
// key ids uses the limit up, and good users are turned away when the key that they need is due for a
// new look. Here a made-up id costs nobody anything.
import { issuer, jwksCacheSeconds } from "./settings.mjs";

let known = null;
let asked = { at: -Infinity };

async function ask(uri) {
  try {
    const answer = await fetch(uri, { signal: AbortSignal.timeout(3000) });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    known = await answer.json();
  } catch (error) {
    console.error(`${uri}: ${error.message}`);
    if (!known) throw error;
    // An outage of the issuer is not one of ours: go on with the keys that we have.
  }
  return known;
}

function fetcher(uri) {
  if (performance.now() - asked.at > 5000) asked = { at: performance.now(), keys: ask(uri) };
  return asked.keys;
}

/** What jwks-rsa wants to know. */
export const jwksOptions = {
  jwksUri: `${issuer}/.well-known/jwks.json`,
  fetcher,
  cache: true,
  cacheMaxAge: jwksCacheSeconds * 1000,
};
