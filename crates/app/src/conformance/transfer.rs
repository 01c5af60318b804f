//! The operator's side: everything comes out, and goes in elsewhere, as it was.

use std::collections::BTreeMap;
use std::time::Duration;

use countersign_domain::audit::{Action, Actor};
use countersign_domain::gate::Refusal;
use countersign_domain::keys::KeyPurpose;
use countersign_domain::names::Identifier;
use countersign_domain::session::{EndReason, Ended};
use countersign_domain::user::UserState;
use countersign_token::Algorithm;

use super::samples::{
    at, current, ending, event, hash, key, personal_token, rotation, session, session_from,
    sign_up, token_hash, user,
};
use super::world::World;
use crate::ports::StoreAdmin;
use crate::ports::store::{
    ChangeKeys, CreatePersonalToken, Idempotency, KeysChanged, PersonalTokenCreated, RotateRefresh,
    Rotated, SessionEnded, SetUserState, SignUp, SignedUp, UserChanged,
};
use crate::ports::store_admin::{Record, RecordKind};

/// The promises that need a second database.
pub(super) const BETWEEN_TWO: [&str; 3] = [
    "records_written_elsewhere_are_as_they_were",
    "records_written_twice_are_there_once",
    "a_session_that_was_copied_can_be_refreshed_and_its_user_found",
];

/// A database with some of everything: more than one batch of it, with all that can be there or not.
async fn fill(world: &World) {
    for n in 0..3 {
        world
            .role(&format!("role{n}"), "posts:read posts:write")
            .await;
    }
    for n in 0..7_usize {
        let mut user = user();
        user.display_name = (n % 2 == 0).then(|| "Zo\u{eb} \u{1f511}".parse().unwrap());
        user.email_verified = n % 3 == 0;
        user.scopes = "direct:scope".parse().unwrap();
        if n % 2 == 0 {
            user.roles.insert("role1".parse().unwrap());
        }
        if n == 3 {
            user.username = None;
        }
        if n == 4 {
            user.email = None;
            user.email_verified = false;
        }
        user.version = 5;
        let mut first = session(&user);
        first.address = Some("2001:db8::1".parse().unwrap());
        first.asked_scopes = Some("a:read".parse().unwrap());
        first.ended = (n == 2).then_some(Ended {
            at: at(8),
            reason: EndReason::Revoked,
        });
        let intent = SignUp {
            password: (n != 5).then(|| hash(&format!("hash{n}"))),
            session: Some(first),
            idempotency: Some(Idempotency {
                key: token_hash(),
                request: token_hash(),
                now: at(0),
                expires_at: at(86_400),
            }),
            ..sign_up(&user)
        };
        let made = world.store().sign_up(intent).await.unwrap();
        assert_eq!(made, SignedUp::Created);
        let mut token = personal_token(&user);
        token.last_used_at = (n % 2 == 1).then_some(at(9));
        let intent = CreatePersonalToken {
            by: countersign_domain::standing::By::Operator,
            token,
            max_tokens: 10,
            event: event(Action::PersonalTokenCreated),
        };
        let made = world.store().create_personal_token(intent).await.unwrap();
        assert_eq!(made, PersonalTokenCreated::Created);
    }
    let user = world.admin().await;
    let live = world.logged_in(&user).await;
    let spent = rotation(&live, current(&live), 60);
    let rotated = world.store().rotate(spent).await.unwrap();
    assert!(matches!(rotated, Rotated::Rotated(..)));
    let ended = world.logged_in_as(session_from(&user, 1)).await;
    let answer = world.store().end_session(ending(&ended)).await.unwrap();
    assert_eq!(answer, SessionEnded::Ended);
    let mut line = event(Action::UserStateChanged);
    line.actor = Actor::User(user.id);
    line.user_id = Some(user.id);
    line.address = Some("192.0.2.1".parse().unwrap());
    line.request_id = Some("req-1".to_owned());
    line.detail = BTreeMap::from([("to".to_owned(), "locked \"quoted\"".to_owned())]);
    let shut = world.signed_up().await;
    let intent = SetUserState {
        by: countersign_domain::standing::By::Operator,
        user_id: shut.id,
        state: UserState::Locked,
        expected_version: None,
        now: at(5),
        event: line,
    };
    let changed = world.store().set_user_state(intent).await.unwrap();
    assert!(matches!(changed, UserChanged::Changed(_)));
    let intent = ChangeKeys {
        expected_version: 0,
        add: vec![
            key(KeyPurpose::MarkRefresh),
            key(KeyPurpose::Sign(Algorithm::Es256)),
        ],
        retire: Vec::new(),
        remove: Vec::new(),
        event: event(Action::KeysChanged),
    };
    let changed = world.store().change_keys(intent).await.unwrap();
    assert_eq!(changed, KeysChanged::Changed);
}

/// All records of a kind, in batches of `limit`.
async fn read(admin: &dyn StoreAdmin, kind: RecordKind, limit: u32) -> Vec<Record> {
    let mut records = Vec::new();
    let mut after = None;
    loop {
        let batch = admin.read_records(kind, after.as_deref(), limit).await;
        let batch = batch.unwrap();
        assert!(batch.records.len() <= usize::try_from(limit).unwrap());
        records.extend(batch.records);
        after = batch.next;
        if after.is_none() {
            return records;
        }
    }
}

/// Everything, in an order that does not hang on the engine.
async fn everything(admin: &dyn StoreAdmin) -> Vec<Record> {
    let mut all = Vec::new();
    for kind in RecordKind::ALL {
        for mut record in read(admin, kind, 4).await {
            assert_eq!(record.kind(), kind);
            if let Record::Keys(set) = &mut record {
                set.keys.sort_by(|a, b| a.id.cmp(&b.id));
            }
            all.push(record);
        }
    }
    // What a record shows of itself begins with its id.
    all.sort_by_cached_key(|record| format!("{record:?}"));
    all
}

async fn copy(world: &World) {
    for kind in RecordKind::ALL {
        let mut after = None;
        loop {
            let batch = world
                .operator()
                .read_records(kind, after.as_deref(), 5)
                .await;
            let batch = batch.unwrap();
            let target = world.elsewhere().operator();
            target.write_records(batch.records).await.unwrap();
            after = batch.next;
            if after.is_none() {
                break;
            }
        }
    }
}

pub(super) async fn a_new_database_is_empty_and_one_with_a_record_is_not(world: &World) {
    assert!(world.operator().is_empty().await.unwrap());
    // Instances that only looked and took turns left nothing that counts.
    world.store().ping().await.unwrap();
    assert!(world.operator().is_empty().await.unwrap());
    world
        .store()
        .record(event(Action::LoginRefused))
        .await
        .unwrap();
    assert!(!world.operator().is_empty().await.unwrap());
}

pub(super) async fn every_record_comes_out_whole_and_once(world: &World) {
    fill(world).await;
    let admin = world.operator();
    let users = read(admin, RecordKind::User, 4).await;
    assert_eq!(users.len(), 9);
    for record in users {
        let Record::User(user, password) = record else {
            panic!("{record:?}");
        };
        assert_eq!(world.account(user.id).await.user, user);
        assert_eq!(world.password(user.id).await, password);
    }
    let sessions = read(admin, RecordKind::Session, 3).await;
    assert_eq!(sessions.len(), 9);
    for record in sessions {
        let Record::Session(session) = record else {
            panic!("{record:?}");
        };
        assert_eq!(world.session(session.id).await, session);
    }
    let events = read(admin, RecordKind::AuditEvent, 6).await;
    let mut ids: Vec<_> = events
        .iter()
        .map(|record| match record {
            Record::AuditEvent(event) => event.id,
            other => panic!("{other:?}"),
        })
        .collect();
    ids.sort();
    let logged: Vec<_> = world.logged().await.into_iter().collect();
    assert_eq!(ids, logged);
    for (kind, count) in [
        (RecordKind::Role, 3),
        (RecordKind::PersonalToken, 7),
        (RecordKind::IdempotencyKey, 7),
        (RecordKind::Keys, 1),
    ] {
        assert_eq!(read(admin, kind, 2).await.len(), count, "{kind:?}");
    }
}

pub(super) async fn records_written_elsewhere_are_as_they_were(world: &World) {
    fill(world).await;
    copy(world).await;
    let (here, there) = (world.operator(), world.elsewhere().operator());
    assert_eq!(everything(here).await, everything(there).await);
    assert_eq!(
        world.store().keys().await.unwrap().version,
        world.elsewhere().store().keys().await.unwrap().version
    );
    assert!(there.engine_problems().await.unwrap().is_empty());
}

pub(super) async fn records_written_twice_are_there_once(world: &World) {
    fill(world).await;
    copy(world).await;
    copy(world).await;
    let (here, there) = (world.operator(), world.elsewhere().operator());
    assert_eq!(everything(here).await, everything(there).await);
    assert!(there.engine_problems().await.unwrap().is_empty());
}

pub(super) async fn a_session_that_was_copied_can_be_refreshed_and_its_user_found(world: &World) {
    let user = world.signed_up().await;
    let live = world.logged_in(&user).await;
    copy(world).await;
    let there = world.elsewhere();
    let identifier: Identifier = user.email.as_ref().unwrap().as_str().parse().unwrap();
    let record = there.store().login_record(&identifier).await.unwrap();
    assert_eq!(record.unwrap().account.user, user);
    let intent = RotateRefresh {
        retry_window: Duration::ZERO,
        ..rotation(&live, current(&live), 60)
    };
    let rotated = there.store().rotate(intent).await.unwrap();
    assert!(matches!(rotated, Rotated::Rotated(..)), "{rotated:?}");
    let again = rotation(&live, current(&live), 120);
    let reused = there.store().rotate(again).await.unwrap();
    assert!(matches!(reused, Rotated::Reused { .. }), "{reused:?}");
    let next = rotation(&live, current(&live), 130);
    let refused = there.store().rotate(next).await.unwrap();
    assert!(
        matches!(refused, Rotated::Refused(Refusal::SessionEnded)),
        "{refused:?}"
    );
    // Nobody can take the name of a user who was copied.
    let mut thief = super::samples::user();
    thief.email = user.email.clone();
    let taken = there.store().sign_up(sign_up(&thief)).await.unwrap();
    assert_eq!(taken, SignedUp::EmailTaken);
}

pub(super) async fn the_mark_of_a_copy_is_kept_until_it_is_cleared(world: &World) {
    let admin = world.operator();
    assert_eq!(admin.copy_mark().await.unwrap(), None);
    let long = "{\"from\":\"x\"}".repeat(100);
    admin.set_copy_mark(Some("first")).await.unwrap();
    admin.set_copy_mark(Some(&long)).await.unwrap();
    assert_eq!(admin.copy_mark().await.unwrap(), Some(long));
    admin.set_copy_mark(None).await.unwrap();
    assert_eq!(admin.copy_mark().await.unwrap(), None);
}

pub(super) async fn a_database_that_is_up_to_date_has_nothing_pending_and_no_problems(
    world: &World,
) {
    fill(world).await;
    let admin = world.operator();
    assert!(admin.pending_migrations().await.unwrap().is_empty());
    assert!(admin.migrate().await.unwrap().is_empty());
    assert_eq!(admin.engine_problems().await.unwrap(), Vec::<String>::new());
    assert!(!admin.engine().is_empty());
}
