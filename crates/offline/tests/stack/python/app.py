# A Python function with a module of its own beside it.
import os

from words import greeting


def handler(event, context):
    if event["rawPath"].endswith("/raise"):
        raise ValueError("on purpose")
    print("greeting", flush=False)
    return {"message": greeting(event["pathParameters"]["proxy"]), "name": context.function_name,
            "hasTime": 0 < context.get_remaining_time_in_millis() <= 10000, "greeting": os.environ["GREETING"]}
