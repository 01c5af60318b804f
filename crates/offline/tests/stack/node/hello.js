// The tutorials' private function, answering with what it was given.
let times = 0;
exports.handler = async (event, context) => {
  times += 1;
  console.log(`hello for the ${times}. time`);
  return {
    statusCode: 200,
    headers: { 'Content-Type': 'application/json', 'WWW-Authenticate': 'Bearer' },
    body: JSON.stringify({
      times,
      event,
      environment: { GREETING: process.env.GREETING, TABLE: process.env.TABLE, SECRET: process.env.SECRET, FOREIGN: process.env.FOREIGN },
      context: {
        name: context.functionName,
        arn: context.invokedFunctionArn,
        hasTime: context.getRemainingTimeInMillis() > 5000 && context.getRemainingTimeInMillis() <= 10000,
        id: context.awsRequestId,
      },
    }),
  };
};
