// Who may use a field. The tutorial has each resolver look at `context.user`, and the one that forgets
// is open to everybody; here a root field without a rule stops the start.
import { GraphQLError } from "graphql";
import { issuer } from "./settings.mjs";

const refusal = (message, code, details = {}) =>
  new GraphQLError(message, { extensions: { code, ...details } });

/** Anybody, logged in or not. */
export const anyone = () => {};

/** Whoever brought a good token. */
export const signedIn = (user) => {
  if (!user) throw refusal("log in first", "UNAUTHENTICATED");
};

/** Whoever's token has the scope. */
export const scope = (name) => (user) => {
  signedIn(user);
  if (!user.scopes.includes(name)) {
    throw refusal(`this takes the scope ${name}`, "FORBIDDEN", { scope: name });
  }
};

/** Whoever has the role. */
export const role = (name) => (user) => {
  signedIn(user);
  if (!user.roles.includes(name)) {
    throw refusal(`this takes the role ${name}`, "FORBIDDEN", { role: name });
  }
};

/** The rule, and the session still lives: Countersign knows of a logout before the token expires. */
export const live = (rule) => async (user) => {
  rule(user);
  const answer = await fetch(`${issuer}/v1/verify`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token: user.token }),
  }).catch(() => null);
  if (!answer?.ok) throw refusal("the issuer is out of reach: try again", "UNAVAILABLE");
  if (!(await answer.json()).active) throw refusal("log in again", "UNAUTHENTICATED");
};

/**
 * The resolvers, each of the root types' fields behind its rule. `rules` goes by `Type.field`; a field
 * that has none, and a rule that has no field, are errors.
 */
export function guarded(resolvers, rules) {
  const left = new Set(Object.keys(rules));
  const guardedTypes = ["Query", "Mutation"].map((type) => {
    const fields = Object.entries(resolvers[type] ?? {}).map(([field, resolve]) => {
      const rule = rules[`${type}.${field}`];
      if (!rule) throw new TypeError(`${type}.${field} needs a rule: who may use it?`);
      left.delete(`${type}.${field}`);
      const behind = async (parent, args, context, info) => {
        await rule(context.user);
        return resolve(parent, args, context, info);
      };
      return [field, behind];
    });
    return [type, Object.fromEntries(fields)];
  });
  if (left.size) throw new TypeError(`no such field: ${[...left].join(", ")}`);
  return { ...resolvers, ...Object.fromEntries(guardedTypes) };
}
