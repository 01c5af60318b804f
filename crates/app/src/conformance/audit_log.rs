//! The audit log: every event whole, found by what it is about.

use std::collections::BTreeMap;

use countersign_domain::audit::{Action, Actor, AuditEvent};
use countersign_domain::id::{PersonalTokenId, SessionId, UserId};
use countersign_domain::page::PageRequest;

use super::samples::{at, event, event_at, random};
use super::world::World;
use crate::ports::store::AuditFilter;

/// An event of each action, each actor and each kind of address, with all there can be in one.
fn varied() -> Vec<AuditEvent> {
    let user_id = UserId::from_parts(at(0), random());
    let actors = [
        Actor::User(user_id),
        Actor::PersonalToken(PersonalTokenId::from_parts(at(0), random())),
        Actor::Anonymous,
        Actor::CommandLine,
        Actor::System,
    ];
    let addresses = [
        "192.0.2.1",
        "2001:db8::1",
        "::ffff:192.0.2.1",
        "::",
        "255.255.255.255",
    ];
    Action::ALL
        .iter()
        .enumerate()
        .map(|(n, action)| AuditEvent {
            actor: actors[n % actors.len()],
            user_id: (n % 2 == 0).then_some(user_id),
            session_id: (n % 3 == 0).then(|| SessionId::from_parts(at(0), random())),
            address: (n % 4 != 3).then(|| addresses[n % addresses.len()].parse().unwrap()),
            request_id: (n % 3 != 1).then(|| format!("req-{n} \u{2603} ' \" \\ {{}}")),
            detail: (0..n % 4)
                .map(|d| (format!("key.{d}$"), format!("value {d} \u{1f511}\n\0'\"\\")))
                .collect(),
            ..event_at(*action, at(i64::try_from(n).unwrap()))
        })
        .collect()
}

async fn recorded(world: &World, events: &[AuditEvent]) {
    for event in events {
        world.store().record(event.clone()).await.unwrap();
    }
}

async fn found(world: &World, filter: &AuditFilter) -> Vec<AuditEvent> {
    let request = PageRequest::forward(None, PageRequest::MAX);
    let page = world.other().audit_events(filter, &request).await.unwrap();
    assert!(!page.more);
    page.items
}

pub(super) async fn every_event_is_kept_whole_and_in_order(world: &World) {
    let events = varied();
    // Not in the order of time: another instance's clock may be behind.
    for event in events.iter().rev() {
        world.store().record(event.clone()).await.unwrap();
    }
    assert_eq!(world.log().await, events);
}

pub(super) async fn events_are_found_by_user_action_and_time(world: &World) {
    let mut events = varied();
    let other = UserId::from_parts(at(0), random());
    for n in 0..20 {
        let action = if n % 2 == 0 {
            Action::LoggedIn
        } else {
            Action::LoginRefused
        };
        events.push(AuditEvent {
            user_id: Some(other),
            ..event_at(action, at(100 + n))
        });
    }
    recorded(world, &events).await;
    let users = [None, Some(other), events[0].user_id];
    let actions = [
        None,
        Some(Action::LoggedIn),
        Some(Action::SignedUp),
        Some(Action::Pruned),
    ];
    let moments = [
        None,
        Some(at(0)),
        Some(at(5)),
        Some(at(105)),
        Some(at(119)),
        Some(at(120)),
    ];
    for user_id in users {
        for action in actions {
            for since in moments {
                for until in moments {
                    let filter = AuditFilter {
                        user_id,
                        action,
                        since,
                        until,
                    };
                    let expected: Vec<_> = events
                        .iter()
                        .filter(|event| user_id.is_none_or(|id| event.user_id == Some(id)))
                        .filter(|event| action.is_none_or(|action| event.action == action))
                        .filter(|event| since.is_none_or(|moment| event.at >= moment))
                        .filter(|event| until.is_none_or(|moment| event.at < moment))
                        .cloned()
                        .collect();
                    assert_eq!(found(world, &filter).await, expected, "{filter:?}");
                }
            }
        }
    }
}

pub(super) async fn a_span_of_time_may_lie_anywhere(world: &World) {
    use countersign_domain::time::Timestamp;
    let one = event(Action::LoggedIn);
    recorded(world, std::slice::from_ref(&one)).await;
    let moment = Timestamp::from_millis;
    for (since, until, is_found) in [
        (moment(i64::MIN), moment(i64::MAX), true),
        (moment(0), moment(i64::MAX), true),
        (moment(-1), at(1), true),
        (moment(i64::MAX), moment(i64::MAX), false),
        (moment(i64::MIN), moment(0), false),
        (at(1), at(0), false),
    ] {
        let filter = AuditFilter {
            since: Some(since),
            until: Some(until),
            ..AuditFilter::default()
        };
        assert_eq!(
            !found(world, &filter).await.is_empty(),
            is_found,
            "{filter:?}"
        );
    }
}

pub(super) async fn a_large_event_is_kept(world: &World) {
    let detail: BTreeMap<_, _> = (0..20)
        .map(|n| (format!("detail-{n}"), "\u{e9}".repeat(500)))
        .collect();
    let large = AuditEvent {
        detail,
        ..event(Action::LoginRefused)
    };
    recorded(world, std::slice::from_ref(&large)).await;
    assert_eq!(world.log().await, [large]);
}
