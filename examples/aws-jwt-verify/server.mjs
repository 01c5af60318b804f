// node server.mjs: stands in for API Gateway on this machine, and hands each request to the function
// as an event of its HTTP API (payload 2.0). On Lambda you need private.mjs and what it imports only.
import { createServer } from "node:http";
import { handler } from "./private.mjs";
import { port } from "./settings.mjs";

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const url = new URL(request.url, "http://localhost");
  const answer = await handler({
    version: "2.0",
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers: request.headers,
    requestContext: { http: { method: request.method, path: url.pathname } },
    body: Buffer.concat(chunks).toString("base64"),
    isBase64Encoded: true,
  });
  response.writeHead(answer.statusCode, answer.headers).end(answer.body);
});
server.listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
