//! Users with their roles, alone or behind something that is theirs.

use countersign_app::ports::StoreError;
use countersign_app::ports::store::StoreResult;
use countersign_domain::description::Description;
use countersign_domain::email::EmailAddress;
use countersign_domain::id::UserId;
use countersign_domain::names::{Label, Username};
use countersign_domain::password::PasswordHash;
use countersign_domain::role::{Account, Role, RoleName, RoleNames};
use countersign_domain::user::{User, UserState};

use crate::cells::{Cells, Driver};

/// Reads a user, without their roles, from [`user_columns!`](crate::user_columns).
pub fn user<D: Driver>(cells: &mut Cells<'_, D>) -> StoreResult<User> {
    Ok(User {
        id: UserId::from_uuid(cells.id()?),
        username: cells.text_or_null()?.map(Username::from_stored),
        email: email(cells)?,
        email_verified: cells.truth()?,
        display_name: cells.text_or_null()?.map(Label::from_stored),
        state: cells.named(UserState::from_name)?,
        roles: RoleNames::new(),
        scopes: cells.scopes()?,
        created_at: cells.moment()?,
        updated_at: cells.moment()?,
        version: cells.number()?,
    })
}

fn email<D: Driver>(cells: &mut Cells<'_, D>) -> StoreResult<Option<EmailAddress>> {
    match (cells.text_or_null()?, cells.text_or_null()?) {
        (Some(address), Some(key)) => Ok(Some(EmailAddress::from_stored(address, key))),
        (None, None) => Ok(None),
        _ => Err(StoreError::Corrupt(
            "a user has an e-mail address without a key, or a key without an address".to_owned(),
        )),
    }
}

/// Reads a user, and behind their columns the names of their roles in one text, with spaces between.
pub fn user_and_role_names<D: Driver>(cells: &mut Cells<'_, D>) -> StoreResult<User> {
    let mut user = user(cells)?;
    let names = cells.named_or_null(|list| {
        let names = list.split(' ').filter(|name| !name.is_empty());
        names.map(str::parse).collect::<Result<_, _>>().ok()
    });
    user.roles = names?.unwrap_or_default();
    Ok(user)
}

/// Reads a password hash.
pub fn password<D: Driver>(cells: &mut Cells<'_, D>) -> StoreResult<Option<PasswordHash>> {
    Ok(cells.text_or_null()?.map(PasswordHash::from_stored))
}

/// Reads a role that the account has, if there is one, from [`role_columns!`](crate::role_columns).
pub fn add_role<D: Driver>(cells: &mut Cells<'_, D>, account: &mut Account) -> StoreResult<()> {
    let Some(name) = cells.parsed_or_null::<RoleName>()? else {
        return Ok(());
    };
    if let Some(description) = cells.text_or_null()? {
        account.roles.push(Role {
            name: name.clone(),
            description: Description::from_stored(description),
            scopes: cells.scopes()?,
        });
    }
    account.user.roles.insert(name);
    Ok(())
}

/// The rows of a query for one thing and the account it belongs to. Its columns are those of the
/// thing, then [`user_columns!`](crate::user_columns), then [`role_columns!`](crate::role_columns).
#[derive(Debug)]
pub struct AccountRows<T> {
    head: T,
    account: Account,
    place: usize,
}

impl<T> AccountRows<T> {
    /// Reads the first row; `head` reads the thing.
    pub fn begin<D: Driver>(
        row: D::Row<'_>,
        head: impl FnOnce(&mut Cells<'_, D>) -> StoreResult<T>,
    ) -> StoreResult<Self> {
        let mut cells = Cells::of(row);
        let head = head(&mut cells)?;
        let user = user(&mut cells)?;
        let mut rows = Self {
            head,
            account: Account {
                user,
                roles: Vec::new(),
            },
            place: cells.place(),
        };
        add_role(&mut cells, &mut rows.account)?;
        Ok(rows)
    }

    /// Reads one more row.
    pub fn add<D: Driver>(&mut self, row: D::Row<'_>) -> StoreResult<()> {
        add_role(&mut Cells::<D>::at(row, self.place), &mut self.account)
    }

    /// The thing and its account.
    pub fn done(mut self) -> (T, Account) {
        // Rows have no order of their own.
        self.account.roles.sort_by(|a, b| a.name.cmp(&b.name));
        (self.head, self.account)
    }
}

/// Reads the rows of such a query; `None` if there are none.
pub fn first_with_account<'r, D: Driver, T>(
    rows: impl IntoIterator<Item = D::Row<'r>>,
    head: impl FnOnce(&mut Cells<'_, D>) -> StoreResult<T>,
) -> StoreResult<Option<(T, Account)>> {
    let mut rows = rows.into_iter();
    let Some(first) = rows.next() else {
        return Ok(None);
    };
    let mut found = AccountRows::begin::<D>(first, head)?;
    for row in rows {
        found.add::<D>(row)?;
    }
    Ok(Some(found.done()))
}
