//! Many at once for one thing, from two processes: 200 sign-ups for one address, 50 refreshes of one
//! token. One of each gets it.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::stage::Stage;
use crate::checker::{FinalState, Found};
use crate::client::Task;
use crate::clock::Clock;
use crate::failure::Outcome;
use crate::history::{Operation, What};
use crate::marks;

const SIGN_UPS: usize = 200;
const REFRESHES: usize = 50;

/// What was fought over.
#[derive(Default)]
pub struct Prizes {
    emails: Vec<String>,
    tokens: Vec<(Uuid, u32)>,
}

/// One round of both, with nothing else going on.
pub async fn round(stage: &mut Stage, number: u32, prizes: &mut Prizes) -> Outcome<()> {
    let email = format!("burst{number}@example.com");
    let task = Task::SignUps {
        count: SIGN_UPS / 2,
        email: email.clone(),
    };
    prizes.emails.push(email);
    stage.all(&[Some(task.clone()), Some(task)]).await?;

    let Some((session, generation, hash)) = token(stage).await? else {
        return Err("no user has a session to refresh".into());
    };
    let task = Task::Refreshes {
        count: REFRESHES / 2,
        session,
        generation,
        hash,
    };
    prizes.tokens.push((session, generation));
    stage.all(&[Some(task.clone()), Some(task)]).await
}

/// A refresh token that can be spent.
async fn token(stage: &Stage) -> Outcome<Option<(Uuid, u32, Uuid)>> {
    let (store, _) = stage.open()?;
    let now = Clock::new(stage.begun(), 0).unique();
    for user in stage.users() {
        let user = countersign_domain::id::UserId::from_uuid(*user);
        if let Some(session) = store.live_sessions(user, now).await?.first() {
            let refresh = &session.refresh;
            let hash = marks::of_hash(&refresh.current);
            return Ok(Some((*session.id.as_uuid(), refresh.generation, hash)));
        }
    }
    Ok(None)
}

/// Each prize has one winner.
pub fn check(prizes: &Prizes, operations: &[Operation], state: &FinalState, found: &mut Found) {
    let log: BTreeSet<_> = state.events.iter().map(|e| *e.id.as_uuid()).collect();
    let mut one_wins = |rule, prize: &str, wanted: &dyn Fn(&What) -> bool| {
        let of_it = || operations.iter().filter(|o| wanted(&o.invoked.what));
        let won = |o: &&Operation| o.invoked.event.is_some_and(|event| log.contains(&event));
        let winners = of_it().filter(won).count();
        found.expect(winners == 1, rule, || {
            let unknown = of_it().filter(|o| o.is_unknown()).count();
            let all = of_it().count();
            format!("{winners} of {all} won {prize}; {unknown} were not told what came of it")
        });
    };
    for prize in &prizes.emails {
        one_wins(
            "one of many sign-ups wins",
            prize,
            &|what| matches!(what, What::SignUp { email, .. } if email == prize),
        );
    }
    for (prize, at) in &prizes.tokens {
        one_wins(
            "one of many refreshes rotates",
            &format!("session {prize} at generation {at}"),
            &|what| {
                matches!(what, What::Rotate { session, generation, .. }
                    if session == prize && generation == at)
            },
        );
    }
}
