//! The client's address is what the gateway saw. (CVE-2024-47070, CVE-2026-45364: headers that a client
//! writes were believed.)

use crate::event::{Event, Kind};
use crate::function::Function;

fn address_of(function: &Function, event: &Event) -> String {
    function.send(event);
    let line = function.last_line();
    line["span"]["address"].as_str().unwrap().to_owned()
}

#[test]
fn no_header_of_the_client_changes_its_address() {
    let dir = tempfile::tempdir().unwrap();
    let function = Function::start(dir.path(), &[]);
    for kind in Kind::ALL {
        let spoofed = Event::get(kind, "/v1/me")
            .header("forwarded", "for=203.0.113.9")
            .header("x-real-ip", "203.0.113.9")
            .header("true-client-ip", "203.0.113.9")
            .header(
                "x-forwarded-for",
                match kind {
                    // It appends what it saw to what the client wrote.
                    Kind::LoadBalancer | Kind::LoadBalancerMany => "203.0.113.9, 198.51.100.7",
                    _ => "203.0.113.9",
                },
            );
        assert_eq!(address_of(&function, &spoofed), "198.51.100.7", "{kind:?}");
    }
    for (header, address) in [
        ("203.0.113.9, 198.51.100.7:41234", "198.51.100.7"),
        ("203.0.113.9, [2001:db8::7]:41234", "2001:db8::7"),
        ("2001:db8::7", "2001:db8::7"),
    ] {
        let event = Event::get(Kind::LoadBalancer, "/").header("x-forwarded-for", header);
        assert_eq!(address_of(&function, &event), address, "{header}");
    }
}

#[test]
fn a_trusted_proxy_before_the_gateway_is_believed() {
    let dir = tempfile::tempdir().unwrap();
    let trusted = [("HTTP_TRUSTED_PROXIES", "198.51.100.0/24")];
    let function = Function::start(dir.path(), &trusted);
    for kind in Kind::ALL {
        let event = Event::get(kind, "/v1/me")
            .header("x-forwarded-for", "203.0.113.9, 192.0.2.44, 198.51.100.7")
            .header("x-request-id", "from-the-proxy");
        assert_eq!(address_of(&function, &event), "192.0.2.44", "{kind:?}");
        assert_eq!(function.last_line()["span"]["id"], "from-the-proxy");
    }
}

#[test]
fn without_an_address_there_is_none_rather_than_a_wrong_one() {
    let dir = tempfile::tempdir().unwrap();
    let function = Function::start(dir.path(), &[]);
    for last in ["unknown", "", "203.0.113.9,"] {
        let event = Event::get(Kind::LoadBalancer, "/").header("x-forwarded-for", last);
        function.send(&event).expect(200);
        let line = function.last_line();
        assert!(line["span"]["address"].is_null(), "{line}");
    }
}
