use std::sync::{Arc, Mutex};

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};

use crate::support::Server;

/// Writes down the labels of every counter.
#[derive(Clone, Default)]
struct Labels(Arc<Mutex<Vec<String>>>);

impl Recorder for Labels {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let labels = key
            .labels()
            .map(|label| format!("{}={}", label.key(), label.value()));
        self.0
            .lock()
            .unwrap()
            .push(labels.collect::<Vec<_>>().join(" "));
        Counter::noop()
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[test]
fn requests_are_counted_by_route_and_what_clients_make_up_adds_no_series() {
    let labels = Labels::default();
    metrics::with_local_recorder(&labels, || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let server = Server::start().await;
            let id = "0197a5f2-7c3e-7d41-9b1c-2f6f0d8a4e55";
            server
                .get(&format!("/v1/users/{id}?secret=1"))
                .send()
                .await
                .expect(401);
            server.get("/nothing/of/ours").send().await.expect(404);
            server.request("BREW", "/v1/me").send().await.expect(405);
        });
    });
    assert_eq!(
        *labels.0.lock().unwrap(),
        [
            "method=GET route=/v1/users/{id} status=401",
            "method=GET route=unmatched status=404",
            "method=other route=/v1/me status=405",
        ]
    );
}
