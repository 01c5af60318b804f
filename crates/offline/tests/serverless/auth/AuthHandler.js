module.exports.login = (event, context) => {
  context.callbackWaitsForEmptyEventLoop = false;
  const { password } = JSON.parse(event.body);
  return Promise.resolve({ statusCode: 200, body: JSON.stringify({ auth: password === process.env.JWT_SECRET, stage: process.env.STAGE }) });
};
module.exports.me = async (event) => ({ statusCode: 200, body: JSON.stringify(event.requestContext.authorizer) });
module.exports.users = async (event) => ({ statusCode: 200, body: event.routeKey || event.resource });
