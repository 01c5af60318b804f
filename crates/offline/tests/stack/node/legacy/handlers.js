// As the tutorials wrote them: a callback, and a context that says whether to wait.
module.exports.callback = (event, context, callback) => {
  const lazily = event.queryStringParameters && event.queryStringParameters.lazily;
  context.callbackWaitsForEmptyEventLoop = !lazily;
  let late = 'not yet';
  setTimeout(() => { late = 'done'; }, lazily ? 5000 : 30);
  callback(null, { statusCode: 200, get body() { return late; } });
};
