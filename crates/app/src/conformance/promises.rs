//! The list of all promises. It is the only way to run one, and a function that is missing from it
//! is never used, which the compiler reports: so none is skipped in silence.

use std::future::Future;

use super::Database;
use super::world::World;
use super::{
    activity, audit_log, authority, clocks, deletion, imports, keys, last_admin, live_sessions,
    logins, pages, passwords, personal_tokens, profiles, pruning, roles, rotation, rotation_races,
    round_trips, sign_ups, standing, states, tasks, transfer, user_filters,
};

macro_rules! promises {
    ($d:tt $($module:ident { $($name:ident,)+ })+) => {
        /// The names of all promises.
        pub const PROMISES: &[&str] = &[$($(stringify!($name),)+)+];

        async fn run(name: &str, world: &World) {
            match name {
                $($(stringify!($name) => $module::$name(world).await,)+)+
                _ => panic!("there is no promise {name}"),
            }
        }

        /// Mounts every promise of the store as a test of its own. Takes an async function that
        /// makes an empty [`Database`](crate::conformance::Database).
        #[macro_export]
        macro_rules! conformance_tests {
            ($d create:expr) => {
                $($(
                    #[::tokio::test(flavor = "multi_thread", worker_threads = 4)]
                    async fn $name() {
                        $crate::conformance::prove(stringify!($name), $d create).await;
                    }
                )+)+

                #[test]
                fn every_promise_is_mounted() {
                    let mounted = [$($(stringify!($name),)+)+];
                    assert_eq!(mounted, $crate::conformance::PROMISES);
                }
            };
        }
    };
}

promises! { $
    sign_ups {
        a_sign_up_makes_the_user_the_password_and_the_session,
        what_is_not_there_is_answered_by_nothing,
        two_hundred_sign_ups_for_one_address_make_one_account,
        two_hundred_sign_ups_for_one_username_make_one_account,
        one_request_sent_fifty_times_makes_one_account,
        an_idempotency_key_stands_for_one_request,
        an_idempotency_key_is_forgotten_when_it_expires,
        a_refused_sign_up_leaves_nothing,
        users_without_an_address_or_a_name_do_not_collide,
        a_name_is_never_a_query,
        a_sign_up_with_a_role_that_is_not_there_makes_nobody,
        a_sign_up_beside_the_deletion_of_its_role_gives_nobody_a_role_that_is_gone,
    }
    imports {
        an_import_brings_users_in_whole,
        a_second_import_changes_nothing,
        an_import_says_of_each_user_why_not,
        an_import_takes_a_thousand_users_and_answers_in_their_order,
        an_import_of_nobody_is_no_error,
        simultaneous_imports_make_each_user_once,
    }
    profiles {
        a_profile_changes_in_the_parts_given_and_counts_its_version_up,
        a_login_finds_the_new_names_and_not_the_old,
        a_refused_profile_change_leaves_nothing,
        ones_own_names_are_not_taken,
        fifty_changes_of_one_version_make_one_change,
        fifty_users_who_want_one_address_make_one_owner,
    }
    passwords {
        a_password_change_ends_all_sessions_but_the_one_to_keep,
        a_password_change_revokes_the_personal_tokens_if_wanted,
        a_password_change_from_another_hash_is_stale,
        a_first_password_is_set_where_there_was_none,
        an_administrator_replaces_whatever_password_there_is,
        of_fifty_changes_of_one_password_one_succeeds,
    }
    states {
        shutting_a_user_ends_all_their_sessions,
        the_state_of_nobody_can_not_be_set,
        a_disabled_user_refreshes_nothing_however_close_the_race,
        a_login_beside_a_disabling_leaves_no_live_session,
        a_decision_on_a_user_who_changed_since_is_not_carried_out,
        a_decision_on_a_user_as_they_are_is_carried_out,
        of_fifty_decisions_on_one_version_one_is_carried_out,
    }
    last_admin {
        the_last_working_admin_stays,
        an_admin_keeps_the_role_through_changes_that_spare_it,
        without_a_working_admin_nothing_is_held_back,
        two_admins_who_strike_at_one_another_leave_one,
        of_ten_admins_struck_at_once_one_stays,
    }
    authority {
        roles_and_scopes_are_granted_and_revoked,
        a_role_that_does_not_exist_is_refused,
        simultaneous_grants_all_stay,
        more_scopes_than_a_request_may_list_are_kept,
    }
    deletion {
        a_deleted_user_is_gone_with_all_that_is_theirs,
        nothing_can_be_done_for_a_deleted_user,
        of_fifty_deletions_of_one_user_one_deletes,
        a_login_beside_a_deletion_leaves_no_orphan,
    }
    logins {
        a_login_opens_a_session_and_gives_the_account,
        a_login_replaces_an_old_hash,
        a_refused_login_leaves_nothing,
        fifty_logins_never_leave_more_sessions_than_the_limit,
        the_sessions_longest_unused_give_way,
        sessions_that_are_over_take_no_room,
        a_password_change_beside_logins_outlives_the_old_password,
    }
    live_sessions {
        the_live_sessions_of_a_user_come_newest_first,
        a_session_ends_once_and_by_its_user_alone,
        of_fifty_calls_to_end_a_session_one_ends_it,
        all_sessions_end_but_the_one_to_keep,
        as_many_sessions_end_as_the_calls_that_end_them_tell,
    }
    rotation {
        a_current_token_is_replaced_by_its_successor,
        a_line_of_tokens_is_spent_on_either_instance,
        a_retry_within_the_window_gets_the_same_nonce,
        a_reuse_ends_the_session_for_good,
        the_lines_of_a_refresh_name_the_user,
        an_older_token_is_a_reuse_at_any_time,
        without_a_window_there_is_no_retry,
        a_token_never_seen_changes_nothing,
        the_gate_stands_before_every_refresh,
        generations_count_to_the_end_of_their_range,
    }
    rotation_races {
        of_fifty_refreshes_with_one_token_one_rotates,
        fifty_replays_of_one_token_end_the_session_once,
        a_refresh_beside_a_log_out_leaves_the_session_ended,
        refreshes_of_many_sessions_do_not_hinder_one_another,
    }
    personal_tokens {
        a_token_is_kept_and_found_with_its_account,
        the_live_tokens_of_a_user_come_newest_first,
        a_user_has_no_more_tokens_than_are_allowed,
        a_user_who_is_shut_or_unknown_gets_no_token,
        a_token_is_revoked_once_and_by_its_user_alone,
        a_use_is_noted_once_an_hour,
        fifty_uses_at_once_are_noted_once,
    }
    standing {
        a_caller_whose_session_ended_changes_nothing,
        a_caller_whose_personal_token_was_revoked_changes_nothing,
        an_admin_who_was_demoted_grants_nothing_any_more,
        a_caller_in_good_standing_changes_what_they_may,
        a_profile_changes_only_on_the_password_that_is_still_theirs,
        no_token_made_beside_a_password_change_outlives_it,
        of_two_admins_who_demote_one_another_one_does,
    }
    roles {
        roles_are_defined_changed_and_listed_by_name,
        a_changed_role_changes_all_who_hold_it,
        a_deleted_role_is_taken_from_everybody,
        a_grant_beside_a_deletion_leaves_nobody_with_the_role,
        of_twenty_definitions_of_one_role_one_creates_it,
    }
    keys {
        a_new_database_has_no_keys,
        keys_are_added_retired_and_removed,
        every_purpose_of_a_key_is_kept,
        a_change_planned_on_another_version_is_stale,
        of_twenty_changes_of_one_version_one_succeeds,
    }
    audit_log {
        every_event_is_kept_whole_and_in_order,
        events_are_found_by_user_action_and_time,
        a_span_of_time_may_lie_anywhere,
        a_large_event_is_kept,
    }
    pages {
        users_come_in_the_order_of_their_ids_page_by_page,
        a_page_tells_whether_there_are_more,
        a_cursor_outlives_its_row,
        pages_hold_while_rows_come_in,
        an_export_has_every_user_with_roles_and_hash,
        events_come_page_by_page_in_either_direction,
    }
    user_filters {
        users_are_found_by_state_role_and_prefix_together,
        no_character_of_a_prefix_is_a_wildcard,
    }
    pruning {
        what_is_over_goes_and_what_lives_stays,
        a_prune_that_finds_nothing_leaves_no_line,
        a_prune_takes_no_more_of_each_than_its_limit,
        old_events_go_and_younger_ones_stay,
    }
    clocks {
        a_session_run_out_by_one_clock_does_not_come_back_by_another_once_it_was_ended,
    }
    tasks {
        of_fifty_instances_that_ask_at_once_one_gets_the_turn,
        a_turn_comes_again_after_its_time,
        tasks_do_not_stand_in_each_others_way,
    }
    activity {
        a_call_with_a_token_costs_one_round_trip,
        a_login_costs_three_round_trips_at_most,
        a_refresh_costs_one_round_trip,
        a_sign_up_costs_two_round_trips_at_most,
    }
    transfer {
        a_new_database_is_empty_and_one_with_a_record_is_not,
        every_record_comes_out_whole_and_once,
        records_written_elsewhere_are_as_they_were,
        records_written_twice_are_there_once,
        a_session_that_was_copied_can_be_refreshed_and_its_user_found,
        the_mark_of_a_copy_is_kept_until_it_is_cleared,
        a_database_that_is_up_to_date_has_nothing_pending_and_no_problems,
    }
    round_trips {
        every_field_of_a_user_comes_back,
        a_password_hash_comes_back_whatever_its_form,
        every_field_of_a_session_comes_back,
        every_field_of_a_personal_token_comes_back,
    }
}

/// Proves one promise on a database of its own.
pub async fn prove<D, F>(name: &str, create: impl Fn() -> F)
where
    D: Database,
    F: Future<Output = D>,
{
    let database = create().await;
    let mut world = World::on(&database).await;
    let elsewhere = if transfer::BETWEEN_TWO.contains(&name) {
        Some(create().await)
    } else {
        None
    };
    if let Some(elsewhere) = &elsewhere {
        world.set_elsewhere(World::on(elsewhere).await);
    }
    run(name, &world).await;
    drop(world);
    database.discard().await;
    if let Some(elsewhere) = elsewhere {
        elsewhere.discard().await;
    }
}
