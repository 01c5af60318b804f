//! Instances whose clocks differ, or whose calls wait: one holds a session for run out, another, which
//! looked at its clock a moment before, does not. What was ended stays ended for both.

use countersign_domain::audit::Action;
use countersign_domain::session::EndReason;
use countersign_domain::user::UserState;

use super::passwords::change;
use super::samples::{at, current, ending, event, rotation};
use super::states::setting;
use super::world::World;
use crate::ports::store::{
    ChangePassword, EndSession, EndSessions, PasswordChanged, Rotated, SetUserState, UserChanged,
};

/// The sessions of the samples idle out at second 3,600.
const AFTER: i64 = 3_601;
const BEFORE: i64 = 3_599;

pub(super) async fn a_session_run_out_by_one_clock_does_not_come_back_by_another_once_it_was_ended(
    world: &World,
) {
    for how in ["password", "state", "all", "one"] {
        let user = world.signed_up().await;
        let session = world.logged_in(&user).await;
        match how {
            "password" => {
                let intent = ChangePassword {
                    now: at(AFTER),
                    ..change(user.id, None, "second")
                };
                let changed = world.store().change_password(intent).await.unwrap();
                let none = PasswordChanged::Changed { ended_sessions: 0 };
                assert_eq!(changed, none, "what had run out does not count");
            }
            "state" => {
                for state in [UserState::Disabled, UserState::Active] {
                    let intent = SetUserState {
                        now: at(AFTER),
                        ..setting(user.id, state)
                    };
                    let changed = world.store().set_user_state(intent).await.unwrap();
                    assert!(matches!(changed, UserChanged::Changed(_)), "{changed:?}");
                }
            }
            "all" => {
                let intent = EndSessions {
                    user_id: user.id,
                    keep: None,
                    reason: EndReason::Revoked,
                    now: at(AFTER),
                    event: event(Action::SessionsEnded),
                };
                assert_eq!(world.store().end_sessions(intent).await.unwrap(), 0);
            }
            _ => {
                let intent = EndSession {
                    now: at(AFTER),
                    ..ending(&session)
                };
                // Whether that is one to end is a matter of the clock.
                let _ = world.store().end_session(intent).await.unwrap();
            }
        }
        let late = rotation(&session, current(&session), BEFORE);
        let rotated = world.other().rotate(late).await.unwrap();
        assert!(matches!(rotated, Rotated::Refused(_)), "{how}: {rotated:?}");
    }
}
