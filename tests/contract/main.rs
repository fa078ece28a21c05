//! One suite of promises, kept by both stores.
//!
//! Each promise is a function of a [`ground::Ground`]; `on_both!` makes of it a test named `sqlite::…` and one named
//! `postgres::…`. A promise that is not on the list is dead code, and the compiler says so. Start with `tests/run`, which
//! brings a temporary PostGIS; by hand, set `BIHU_TEST_POSTGRES` to a server on which databases may be made.

mod acts;
mod address;
mod callers;
mod commits;
mod contacts;
mod dice;
mod exchange;
mod ground;
mod history;
mod journal;
mod keeping;
mod outages;
mod people;
mod postgis;
mod processes;
mod proxy;
mod samples;
mod server;
mod survival;
mod worlds;

macro_rules! on_both {
    ($($file:ident { $($promise:ident,)+ })+) => {
        mod sqlite {
            $($(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                crate::$file::$promise(&crate::ground::Ground::sqlite().await).await;
            })+)+
        }
        mod postgres {
            $($(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                crate::$file::$promise(&crate::ground::Ground::postgres().await).await;
            })+)+
        }
    };
}

on_both! {
    commits {
        a_created_resource_is_in_the_tables_and_in_the_journal,
        a_changed_row_carries_the_revision_that_changed_it,
        a_deleted_row_is_gone_and_its_history_stays,
        a_batch_may_hold_every_kind_of_subject,
        a_birth_of_what_exists_is_refused,
        a_change_and_a_removal_of_an_old_revision_are_refused,
        a_change_and_a_removal_of_what_is_gone_are_refused,
        one_bad_proposal_in_the_middle_undoes_the_whole_batch,
        a_code_is_unique_within_its_kind,
        codes_can_change_hands_within_a_batch,
        a_batch_that_breaks_its_own_promises_is_refused,
        a_large_batch_keeps_its_order_and_tells_its_progress,
        eight_writers_leave_no_gap,
    }
    journal {
        entries_come_in_order_after_a_revision_up_to_a_limit,
        a_hidden_change_leaves_the_public_revision_alone,
        hiding_and_showing_move_the_public_revision,
        the_journal_folds_to_the_tables,
    }
    callers {
        a_receipt_is_kept_with_the_commit,
        a_used_key_writes_nothing,
        a_refused_request_leaves_no_receipt,
        racing_twins_write_once,
        a_token_lives_until_it_is_taken_back,
        every_role_can_be_kept,
    }
    keeping {
        every_kind_comes_back_as_it_was,
        any_text_survives,
        every_word_can_be_kept,
        times_agree_to_the_microsecond,
        opening_again_changes_nothing,
        looking_for_a_store_makes_none,
        another_process_hears_of_a_commit,
        a_wait_is_never_long,
    }
    people {
        a_session_is_the_same_on_every_node,
        the_last_administrator_stays_whichever_nodes_work_at_once,
        a_link_is_followed_once,
        the_trail_is_one_for_all_nodes,
    }
    survival {
        a_killed_writer_loses_nothing_that_was_acknowledged,
    }
    processes {
        a_killed_server_loses_nothing_acknowledged,
        a_killed_import_leaves_all_or_nothing,
        a_running_server_follows_other_processes,
        two_servers_lose_no_update,
        twins_to_two_servers_get_one_answer,
    }
    history {
        as_of_equals_the_journal_folded_to_that_revision,
        an_undo_leaves_everything_as_it_was_before_the_batch,
        a_batch_in_which_codes_changed_hands_is_taken_back,
        what_another_process_changed_since_stands_in_the_way_of_an_undo,
        the_duty_log_finds_batches_by_actor_and_time,
        a_report_its_photograph_and_its_answer_survive_a_restart,
    }
    contacts {
        contacts_are_taken_out_of_the_journal_of_an_older_store,
    }
    exchange {
        what_was_exported_imports_as_the_same_and_writes_nothing,
        a_store_filled_from_an_export_holds_equal_documents,
    }
    worlds {
        the_journal_folds_to_the_world_that_the_tables_hold,
    }
}
