//! What a test stands in: an empty database, two instances on it, and shorthands for what most
//! tests begin with.

use std::collections::BTreeSet;
use std::sync::Arc;

use countersign_domain::audit::AuditEvent;
use countersign_domain::id::{EventId, SessionId, UserId};
use countersign_domain::page::{Cursor, PageRequest};
use countersign_domain::password::PasswordHash;
use countersign_domain::role::{Account, Role, RoleName};
use countersign_domain::session::Session;
use countersign_domain::user::User;

use super::samples::{defining, hash, opening, session, sign_up, user};
use super::{Budget, Database};
use crate::ports::store::{AuditFilter, RoleDefined, SessionOpened, SignedUp};
use crate::ports::{Store, StoreAdmin};

/// The instances on one database.
pub(super) struct World {
    instances: [Arc<dyn Store>; 2],
    admin: Arc<dyn StoreAdmin>,
    budget: Budget,
    elsewhere: Option<Box<World>>,
}

impl World {
    pub async fn on(database: &dyn Database) -> Self {
        Self {
            instances: [database.connect().await, database.connect().await],
            admin: database.admin().await,
            budget: database.budget(),
            elsewhere: None,
        }
    }

    /// Puts another database beside this one.
    pub fn set_elsewhere(&mut self, elsewhere: Self) {
        self.elsewhere = Some(Box::new(elsewhere));
    }

    /// The other database.
    pub fn elsewhere(&self) -> &Self {
        self.elsewhere.as_deref().unwrap()
    }

    /// The operator's side.
    pub fn operator(&self) -> &dyn StoreAdmin {
        &*self.admin
    }

    /// What the use cases may cost.
    pub fn budget(&self) -> Budget {
        self.budget
    }

    /// The instance that tests write with.
    pub fn store(&self) -> &dyn Store {
        &*self.instances[0]
    }

    /// The other instance: it must see at once what the first one wrote.
    pub fn other(&self) -> &dyn Store {
        &*self.instances[1]
    }

    /// One instance or the other, by turns.
    pub fn instance(&self, n: usize) -> Arc<dyn Store> {
        Arc::clone(&self.instances[n % 2])
    }

    /// A new user who signed up with the password hash `first`.
    pub async fn signed_up(&self) -> User {
        self.signed_up_as(user()).await
    }

    /// The same with the role `admin`.
    pub async fn admin(&self) -> User {
        let mut admin = user();
        admin.roles.insert(RoleName::admin());
        self.signed_up_as(admin).await
    }

    /// This user, signed up with the password hash `first`.
    pub async fn signed_up_as(&self, user: User) -> User {
        let mut intent = sign_up(&user);
        intent.password = Some(hash("first"));
        assert_eq!(
            self.store().sign_up(intent).await.unwrap(),
            SignedUp::Created
        );
        user
    }

    /// An open session of a user, who may have many.
    pub async fn logged_in(&self, user: &User) -> Session {
        self.logged_in_as(session(user)).await
    }

    /// This session, opened.
    pub async fn logged_in_as(&self, session: Session) -> Session {
        let intent = opening(&session, 1000);
        let opened = self.store().open_session(intent).await.unwrap();
        assert!(
            matches!(opened, SessionOpened::Opened { displaced: 0, .. }),
            "{opened:?}"
        );
        session
    }

    /// A defined role with these scopes.
    pub async fn role(&self, name: &str, scopes: &str) -> Role {
        let role = Role {
            name: name.parse().unwrap(),
            description: format!("what {name} does").parse().unwrap(),
            scopes: scopes.parse().unwrap(),
        };
        let defined = self.store().define_role(defining(&role)).await;
        assert_eq!(defined.unwrap(), RoleDefined::Created);
        role
    }

    /// The account, which must be there.
    pub async fn account(&self, id: UserId) -> Account {
        self.other().account(id).await.unwrap().unwrap()
    }

    /// The session, which must be there.
    pub async fn session(&self, id: SessionId) -> Session {
        self.other().session(id).await.unwrap().unwrap().0
    }

    /// The password hash of a user who must be there.
    pub async fn password(&self, id: UserId) -> Option<PasswordHash> {
        self.other()
            .login_record_by_id(id)
            .await
            .unwrap()
            .unwrap()
            .password
    }

    /// Every event of the log, in its order.
    pub async fn log(&self) -> Vec<AuditEvent> {
        let mut events: Vec<AuditEvent> = Vec::new();
        loop {
            let cursor = events.last().map(|event| Cursor::after(event.id.as_uuid()));
            let request = PageRequest::forward(cursor, PageRequest::MAX);
            let page = self
                .other()
                .audit_events(&AuditFilter::default(), &request)
                .await
                .unwrap();
            events.extend(page.items);
            if !page.more {
                return events;
            }
        }
    }

    /// The ids of the log, to compare with later.
    pub async fn logged(&self) -> BTreeSet<EventId> {
        let log = self.log().await;
        let ids: BTreeSet<_> = log.iter().map(|event| event.id).collect();
        assert_eq!(ids.len(), log.len(), "an event stands in the log twice");
        ids
    }

    /// Asserts that since `before` exactly these events came into the log.
    pub async fn assert_logged(&self, before: &BTreeSet<EventId>, new: &[&AuditEvent]) {
        let now = self.logged().await;
        let came: BTreeSet<_> = now.difference(before).copied().collect();
        let expected: BTreeSet<_> = new.iter().map(|event| event.id).collect();
        assert_eq!(came, expected, "the log is not what the changes were");
        assert!(before.is_subset(&now), "an event vanished");
    }
}
