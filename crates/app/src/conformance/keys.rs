//! Keys: changed as a set, under a version.

use countersign_domain::audit::Action;
use countersign_domain::keys::{KeyPurpose, KeyRecord, KeySet};
use countersign_domain::time::Timestamp;
use countersign_token::Algorithm;

use super::race::{count, race};
use super::samples::{at, event, key};
use super::world::World;
use crate::ports::store::{ChangeKeys, KeysChanged};

const SIGN: KeyPurpose = KeyPurpose::Sign(Algorithm::Es256);

/// The first public key of RFC 7517, appendix A.1.
const PUBLIC: &str = r#"{"kty":"EC","crv":"P-256","alg":"ES256","use":"sig","kid":"1",
    "x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}"#;

fn change(expected_version: u64) -> ChangeKeys {
    ChangeKeys {
        expected_version,
        add: Vec::new(),
        retire: Vec::new(),
        remove: Vec::new(),
        event: event(Action::KeysChanged),
    }
}

async fn keys(world: &World) -> KeySet {
    let mut set = world.other().keys().await.unwrap();
    set.keys.sort_by(|a, b| a.id.cmp(&b.id));
    set
}

fn sorted(version: u64, keys: &[&KeyRecord]) -> KeySet {
    let mut keys: Vec<_> = keys.iter().map(|key| (*key).clone()).collect();
    keys.sort_by(|a, b| a.id.cmp(&b.id));
    KeySet { version, keys }
}

pub(super) async fn a_new_database_has_no_keys(world: &World) {
    assert_eq!(keys(world).await, KeySet::default());
}

pub(super) async fn keys_are_added_retired_and_removed(world: &World) {
    let mut first = key(SIGN);
    first.public = Some(serde_json::from_str(PUBLIC).unwrap());
    let mut second = key(SIGN);
    second.sealed = (0..=255).collect();
    second.active_from = at(86_400);
    let mut odd = key(KeyPurpose::MarkRefresh);
    odd.sealed = Vec::new();
    odd.created_at = Timestamp::from_millis(i64::MIN);
    odd.retired_at = Some(at(1));
    odd.dead_from = Some(Timestamp::from_millis(i64::MAX));

    let add = vec![first.clone(), second.clone(), odd.clone()];
    let intent = ChangeKeys { add, ..change(0) };
    let added = intent.event.clone();
    assert_eq!(
        world.store().change_keys(intent).await.unwrap(),
        KeysChanged::Changed
    );
    assert_eq!(keys(world).await, sorted(1, &[&first, &second, &odd]));

    let third = key(SIGN);
    let intent = ChangeKeys {
        add: vec![third.clone()],
        retire: vec![(first.id.clone(), at(10), at(20))],
        remove: vec![odd.id],
        ..change(1)
    };
    let changed = intent.event.clone();
    assert_eq!(
        world.store().change_keys(intent).await.unwrap(),
        KeysChanged::Changed
    );
    first.retired_at = Some(at(10));
    first.dead_from = Some(at(20));
    assert_eq!(keys(world).await, sorted(2, &[&first, &second, &third]));
    assert_eq!(world.log().await, [added, changed]);
}

pub(super) async fn every_purpose_of_a_key_is_kept(world: &World) {
    let mut purposes: Vec<_> = Algorithm::ALL
        .iter()
        .map(|a| KeyPurpose::Sign(*a))
        .collect();
    purposes.push(KeyPurpose::MarkRefresh);
    let records: Vec<_> = purposes.into_iter().map(key).collect();
    let intent = ChangeKeys {
        add: records.clone(),
        ..change(0)
    };
    assert_eq!(
        world.store().change_keys(intent).await.unwrap(),
        KeysChanged::Changed
    );
    assert_eq!(
        keys(world).await,
        sorted(1, &records.iter().collect::<Vec<_>>())
    );
}

pub(super) async fn a_change_planned_on_another_version_is_stale(world: &World) {
    let first = key(SIGN);
    let intent = ChangeKeys {
        add: vec![first.clone()],
        ..change(0)
    };
    assert_eq!(
        world.store().change_keys(intent).await.unwrap(),
        KeysChanged::Changed
    );
    let before = world.logged().await;
    for version in [0, 2, u64::MAX] {
        let intent = ChangeKeys {
            add: vec![key(SIGN)],
            retire: vec![(first.id.clone(), at(1), at(2))],
            remove: vec![first.id.clone()],
            ..change(version)
        };
        assert_eq!(
            world.store().change_keys(intent).await.unwrap(),
            KeysChanged::Stale
        );
    }
    assert_eq!(keys(world).await, sorted(1, &[&first]));
    world.assert_logged(&before, &[]).await;
}

pub(super) async fn of_twenty_changes_of_one_version_one_succeeds(world: &World) {
    for version in 0..3 {
        let before = world.logged().await;
        let answers = race(world, 20, |_, store| {
            let intent = ChangeKeys {
                add: vec![key(SIGN)],
                ..change(version)
            };
            let (key, event) = (intent.add[0].clone(), intent.event.clone());
            async move { (store.change_keys(intent).await.unwrap(), key, event) }
        })
        .await;
        assert_eq!(count(&answers, |a| a.0 == KeysChanged::Changed), 1);
        assert_eq!(count(&answers, |a| a.0 == KeysChanged::Stale), 19);
        let (_, key, event) = answers
            .iter()
            .find(|a| a.0 == KeysChanged::Changed)
            .unwrap();
        let set = keys(world).await;
        assert_eq!(
            (set.version, set.keys.len()),
            (version + 1, usize::try_from(version).unwrap() + 1)
        );
        assert!(set.keys.contains(key));
        world.assert_logged(&before, &[event]).await;
    }
}
