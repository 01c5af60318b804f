//! Every use case once, on a database with a few thousand rows: for tests of what each costs.

use std::time::Duration;

use countersign_app::ports::StoreAdmin;
use countersign_app::ports::store::{
    AuditFilter, ChangeAuthority, ChangeKeys, ChangePassword, ClaimTask, CreatePersonalToken,
    DeleteUser, EndSession, EndSessions, Idempotency, ImportUser, Prune, SetUserState, SignUp,
    Store, UpdateProfile, UserFilter,
};
use countersign_app::ports::store_admin::Record;
use countersign_domain::audit::Action;
use countersign_domain::id::PersonalTokenId;
use countersign_domain::names::Identifier;
use countersign_domain::page::{Cursor, PageRequest};
use countersign_domain::personal_token::PersonalToken;
use countersign_domain::role::Role;
use countersign_domain::session::{EndReason, Session};
use countersign_domain::user::{User, UserState};
use countersign_store_mysql::MySqlStore;

use super::samples::{
    at, defining, event, hash, opening, rotation, session, sign_up, token_hash, undefining, unique,
    user,
};

/// What was spent on a use case.
pub type Costs = Vec<(&'static str, u64)>;

fn token(user: &User) -> PersonalToken {
    let mut random = [1; 10];
    random[2..].copy_from_slice(&unique().to_be_bytes());
    PersonalToken {
        id: PersonalTokenId::from_parts(at(0), random),
        user_id: user.id,
        name: "deploy".parse().unwrap(),
        scopes: "reports:read".parse().unwrap(),
        hash: token_hash(),
        created_at: at(0),
        expires_at: at(86_400),
        last_used_at: None,
        revoked_at: None,
    }
}

fn role() -> Role {
    Role {
        name: "editor".parse().unwrap(),
        description: "edits".parse().unwrap(),
        scopes: "posts:write".parse().unwrap(),
    }
}

/// Thousands of users, each with a session, a token, a role and some events, and one of them.
pub async fn fill(store: &MySqlStore) -> (User, Session) {
    let defined = store.define_role(defining(&role())).await;
    let _ = defined.unwrap();
    let visitor = Role {
        name: "visitor".parse().unwrap(),
        ..role()
    };
    let defined = store.define_role(defining(&visitor)).await;
    let _ = defined.unwrap();
    let mut users = Vec::new();
    for n in 0..3 {
        let part: Vec<ImportUser> = (0..1_000)
            .map(|m| {
                let mut user = user();
                user.roles.insert("editor".parse().unwrap());
                if (n, m) == (0, 0) || (n, m) == (0, 1) {
                    user.roles.insert("admin".parse().unwrap());
                }
                let mut event = event(Action::UserImported);
                event.user_id = Some(user.id);
                ImportUser {
                    user,
                    password: Some(hash("first")),
                    event,
                }
            })
            .collect();
        users.extend(part.iter().map(|intent| intent.user.clone()));
        store.import_users(part).await.unwrap();
    }
    let sessions: Vec<_> = users.iter().map(session).collect();
    for part in sessions.chunks(1_000) {
        let records = part.iter().cloned().map(Record::Session).collect();
        store.write_records(records).await.unwrap();
    }
    for part in users.chunks(1_000) {
        let records = part.iter().map(|user| Record::PersonalToken(token(user)));
        store.write_records(records.collect()).await.unwrap();
    }
    (users[1_500].clone(), sessions[1_500].clone())
}

/// Calls everything once, and tells what each call cost in round trips.
#[expect(clippy::too_many_lines, reason = "it is a list of everything there is")]
pub async fn call(store: &MySqlStore, user: &User, live: &Session) -> Costs {
    let mut costs = Costs::new();
    macro_rules! cost {
        ($name:literal, $call:expr) => {{
            let before = store.activity().round_trips;
            let answer = $call.await.unwrap();
            costs.push(($name, store.activity().round_trips - before));
            answer
        }};
    }
    let email = Identifier::Email(user.email.clone().unwrap());
    let username = Identifier::Username(user.username.clone().unwrap());
    cost!("account", store.account(user.id));
    cost!("login_record by e-mail", store.login_record(&email));
    cost!("login_record by username", store.login_record(&username));
    cost!("login_record_by_id", store.login_record_by_id(user.id));
    cost!("session", store.session(live.id));
    cost!("session_of", store.session_of(user.id, live.id));
    cost!("live_sessions", store.live_sessions(user.id, at(1)));
    cost!(
        "live_personal_tokens",
        store.live_personal_tokens(user.id, at(1))
    );
    cost!("roles", store.roles());
    cost!("keys", store.keys());
    cost!("ping", store.ping());
    let cursor = Some(Cursor::after(user.id.as_uuid()));
    for request in [
        PageRequest::forward(None, 20),
        PageRequest::forward(cursor, 20),
        PageRequest::backward(cursor, 20),
    ] {
        let (state, role) = (Some(UserState::Active), Some("editor".parse().unwrap()));
        let prefix = Some("user12".to_owned());
        for filter in [
            UserFilter::default(),
            UserFilter {
                state,
                ..UserFilter::default()
            },
            UserFilter {
                role: role.clone(),
                ..UserFilter::default()
            },
            UserFilter {
                prefix: prefix.clone(),
                ..UserFilter::default()
            },
            UserFilter {
                state,
                role,
                prefix,
            },
        ] {
            cost!("users", store.users(&filter, &request));
        }
        cost!("login_records", store.login_records(&request));
        let (user_id, action) = (Some(user.id), Some(Action::UserImported));
        for filter in [
            AuditFilter::default(),
            AuditFilter {
                user_id,
                ..AuditFilter::default()
            },
            AuditFilter {
                action,
                ..AuditFilter::default()
            },
            AuditFilter {
                user_id,
                action,
                since: Some(at(0)),
                until: Some(at(100)),
            },
            AuditFilter {
                since: Some(at(0)),
                until: Some(at(100)),
                ..AuditFilter::default()
            },
        ] {
            cost!("audit_events", store.audit_events(&filter, &request));
        }
    }
    let new = super::samples::user();
    let plain = sign_up(&new);
    let _ = cost!("sign_up", store.sign_up(plain.clone()));
    let _ = cost!(
        "sign_up of what is taken",
        store.sign_up(SignUp {
            user: User {
                id: super::samples::user().id,
                ..new.clone()
            },
            session: None,
            event: event(Action::SignedUp),
            ..plain
        })
    );
    let other = super::samples::user();
    let _ = cost!(
        "sign_up with an idempotency key",
        store.sign_up(SignUp {
            idempotency: Some(Idempotency {
                key: token_hash(),
                request: token_hash(),
                now: at(0),
                expires_at: at(600),
            }),
            ..sign_up(&other)
        })
    );
    let mut holder = super::samples::user();
    holder.roles.insert("unknown".parse().unwrap());
    let _ = cost!(
        "sign_up with a role that is unknown",
        store.sign_up(sign_up(&holder))
    );
    holder.roles = ["visitor".parse().unwrap()].into_iter().collect();
    let _ = cost!("sign_up with a role", store.sign_up(sign_up(&holder)));
    let second = session(user);
    let _ = cost!("open_session", store.open_session(opening(&second)));
    let _ = cost!("rotate", store.rotate(rotation(&second, 60)));
    let _ = cost!("rotate, repeated", store.rotate(rotation(&second, 61)));
    let _ = cost!("rotate, reused", store.rotate(rotation(&second, 500)));
    let token = token(user);
    let _ = cost!(
        "create_personal_token",
        store.create_personal_token(CreatePersonalToken {
            by: countersign_domain::standing::By::Operator,
            token: token.clone(),
            max_tokens: 10,
            event: event(Action::PersonalTokenCreated),
        })
    );
    cost!("personal_token", store.personal_token(token.id));
    cost!(
        "note_personal_token_use",
        store.note_personal_token_use(token.id, at(1), event(Action::PersonalTokenUsed))
    );
    cost!(
        "revoke_personal_token",
        store.revoke_personal_token(
            user.id,
            token.id,
            at(2),
            event(Action::PersonalTokenRevoked)
        )
    );
    let _ = cost!(
        "update_profile",
        store.update_profile(UpdateProfile {
            by: countersign_domain::standing::By::Operator,
            proved: None,
            user_id: user.id,
            expected_version: None,
            username: Some(Some(format!("renamed{}", unique()).parse().unwrap())),
            email: Some(user.email.clone()),
            display_name: None,
            now: at(3),
            event: event(Action::ProfileUpdated),
        })
    );
    let _ = cost!(
        "change_authority",
        store.change_authority(ChangeAuthority {
            by: countersign_domain::standing::By::Operator,
            user_id: user.id,
            grant_roles: ["admin".parse().unwrap()].into(),
            revoke_roles: ["editor".parse().unwrap()].into(),
            grant_scopes: "b:read".parse().unwrap(),
            revoke_scopes: "a:read".parse().unwrap(),
            expected_version: None,
            now: at(4),
            event: event(Action::AuthorityChanged),
        })
    );
    let _ = cost!(
        "end_session",
        store.end_session(EndSession {
            user_id: user.id,
            session_id: live.id,
            reason: EndReason::LoggedOut,
            now: at(5),
            event: event(Action::SessionEnded),
        })
    );
    cost!(
        "end_sessions",
        store.end_sessions(EndSessions {
            user_id: user.id,
            keep: Some(live.id),
            reason: EndReason::Revoked,
            now: at(6),
            event: event(Action::SessionEnded),
        })
    );
    let _ = cost!(
        "change_password",
        store.change_password(ChangePassword {
            by: countersign_domain::standing::By::Operator,
            user_id: user.id,
            expected: Some(Some(hash("first"))),
            expected_version: None,
            new: hash("second"),
            keep_session: Some(live.id),
            revoke_personal_tokens: true,
            now: at(7),
            event: event(Action::PasswordChanged),
        })
    );
    let _ = cost!(
        "set_user_state",
        store.set_user_state(SetUserState {
            by: countersign_domain::standing::By::Operator,
            user_id: user.id,
            state: UserState::Locked,
            expected_version: None,
            now: at(8),
            event: event(Action::UserStateChanged),
        })
    );
    let _ = cost!(
        "delete_user",
        store.delete_user(DeleteUser {
            by: countersign_domain::standing::By::Operator,
            user_id: user.id,
            expected_version: None,
            event: event(Action::UserDeleted),
        })
    );
    let _ = cost!("define_role", store.define_role(defining(&role())));
    let _ = cost!(
        "change_keys",
        store.change_keys(ChangeKeys {
            expected_version: 0,
            add: Vec::new(),
            retire: Vec::new(),
            remove: vec!["none".parse().unwrap()],
            event: event(Action::KeysChanged),
        })
    );
    cost!("record", store.record(event(Action::LoginRefused)));
    cost!(
        "claim_task",
        store.claim_task(ClaimTask {
            task: "prune",
            now: at(0),
            every: Duration::from_mins(1),
        })
    );
    cost!(
        "prune",
        store.prune(Prune {
            before: at(4_000),
            audit_before: Some(at(4_000)),
            limit: 100,
            event: event(Action::Pruned),
        })
    );
    let _ = cost!(
        "delete_role",
        store.delete_role(undefining(&"visitor".parse().unwrap()))
    );
    costs
}
