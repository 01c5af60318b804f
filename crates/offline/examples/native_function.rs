//! A function as an executable, on the runtime that Rust functions have: what the tests start as
//! `bootstrap`.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let mut times = 0;
    run(service_fn(move |event: LambdaEvent<Value>| {
        times += 1;
        let times = times;
        async move {
            let body = json!({
                "path": event.payload.get("path"),
                "times": times,
                "function": event.context.env_config.function_name,
            });
            Ok::<_, Error>(json!({"statusCode": 200, "body": body.to_string()}))
        }
    }))
    .await
}
