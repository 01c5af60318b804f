// The handbook's functions. None of them looks at a token: API Gateway asks the authorizer first, and a
// call that it did not let through does not get here. What the authorizer found is in the event.

const answer = (statusCode, value) => ({
  statusCode,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(value),
});

/**
 * Who calls, by the authorizer: `sub`, and `scope` and `roles` as words with spaces between. A route
 * that lost its authorizer in the template has nobody here, and must not answer somebody.
 */
function caller({ requestContext }) {
  const found = requestContext.authorizer?.lambda;
  if (!found?.sub) throw new Error("this route has no authorizer: give it one in template.yaml");
  return found;
}

/** GET /public: anybody. */
export const publicHello = async () => answer(200, { message: "hello, whoever you are" });

/** GET /hello: whoever is logged in. */
export const privateHello = async (event) => answer(200, { message: `hello, ${caller(event).sub}` });

/** POST /comments: whoever has the scope `comments:write`. */
export async function addComment(event) {
  const text = event.isBase64Encoded ? Buffer.from(event.body, "base64").toString() : event.body;
  return answer(201, { comment: { author: caller(event).sub, text: JSON.parse(text || "{}").text } });
}
