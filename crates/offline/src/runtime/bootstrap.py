# What the Python runtimes of Lambda do, in small: import the handler, ask the runtime API for
# events, answer with what the handler returns or raises.
import http.client
import importlib
import json
import os
import sys
import time
import traceback

API = os.environ["AWS_LAMBDA_RUNTIME_API"]
BASE = "/2018-06-01/runtime"


class Context:
    def __init__(self, headers):
        environment = os.environ
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = environment.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = environment.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = environment.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = environment.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environment.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.identity = None
        self.client_context = None
        self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline - int(time.time() * 1000))


def call(connection, method, url, body=None, headers=None):
    connection.request(method, BASE + url, body, headers or {})
    response = connection.getresponse()
    return response.headers, response.read()


def report(connection, url, error):
    kind = type(error).__name__
    document = {
        "errorMessage": str(error),
        "errorType": kind,
        "stackTrace": traceback.format_tb(error.__traceback__),
    }
    headers = {"Content-Type": "application/json", "Lambda-Runtime-Function-Error-Type": kind}
    call(connection, "POST", url, json.dumps(document), headers)


def load():
    name = os.environ["_HANDLER"]
    module, _, function = name.rpartition(".")
    if not module:
        raise ValueError(f"{name} is no MODULE.FUNCTION")
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    return getattr(importlib.import_module(module.replace("/", ".")), function)


def main():
    # Lines, and not blocks, so that they are seen when they are written.
    sys.stdout.reconfigure(line_buffering=True)
    connection = http.client.HTTPConnection(API)
    try:
        handler = load()
    except Exception as error:
        traceback.print_exc()
        report(connection, "/init/error", error)
        sys.exit(1)
    while True:
        headers, body = call(connection, "GET", "/invocation/next")
        context = Context(headers)
        os.environ["_X_AMZN_TRACE_ID"] = headers.get("Lambda-Runtime-Trace-Id") or ""
        url = f"/invocation/{context.aws_request_id}"
        try:
            answer = json.dumps(handler(json.loads(body), context))
        except Exception as error:
            traceback.print_exc()
            report(connection, url + "/error", error)
        else:
            call(connection, "POST", url + "/response", answer)


try:
    main()
except (ConnectionError, http.client.HTTPException):
    # Whoever started us is gone.
    sys.exit(1)
