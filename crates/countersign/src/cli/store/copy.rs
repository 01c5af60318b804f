//! `store copy`: everything of one store into another.

use std::path::PathBuf;

use clap::Args;
use countersign_app::operate::{self, CopyReport};

use super::address;
use super::interrupt::Interrupt;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::progress::Progress;
use crate::cli::table::{count, table};
use crate::compose::{IfMissing, open_store};
use crate::config::{self, StoreUrl};

/// Copy everything from one store to another, of the same engine or not.
///
/// Stop the servers first: what they write while it runs may be missing in the copy. The target must
/// be empty; its tables are made. Afterwards both are read again and compared by count and
/// checksum. If it was interrupted, the same command goes on where it was; until it is done, no server
/// starts on the target. Users, passwords, sessions, tokens and keys stay good: give the new
/// instance the same master key and the same `tokens.issuer`.
///
/// An address with a password in it comes from a file that only its owner may read, because other
/// users of the machine see what stands on a command line. Limits and `store.ca_file` of the
/// configuration hold for both sides.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign store copy --to postgres://countersign@db.example.com/countersign
  countersign store copy --to-file /run/secrets/new-store-url
  countersign store copy --from-file old-store-url --to sqlite:/var/lib/countersign/countersign.db")]
pub(in crate::cli) struct Copy {
    /// The address to copy from, as for `store.url`, which is used if none is given.
    #[arg(long, value_name = "URL", conflicts_with = "from_file")]
    from: Option<String>,
    /// A file with the address to copy from.
    #[arg(long, value_name = "FILE")]
    from_file: Option<PathBuf>,
    /// The address to copy to, as for `store.url`.
    #[arg(long, value_name = "URL", conflicts_with = "to_file")]
    to: Option<String>,
    /// A file with the address to copy to.
    #[arg(long, value_name = "FILE", required_unless_present = "to")]
    to_file: Option<PathBuf>,
}

impl Copy {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let settings = context.settings()?;
        let from = address::read("--from", self.from.as_deref(), self.from_file.as_ref())?;
        let from = from.unwrap_or(settings.store.url);
        let to = address::read("--to", self.to.as_deref(), self.to_file.as_ref())?;
        let to = to.ok_or_else(|| CliError::Usage("--to or --to-file is needed".to_owned()))?;
        if is_same(&from, &to) {
            return Err(CliError::SameStore);
        }
        let store = config::Store {
            url: from,
            ..settings.store
        };
        let source = open_store(&store.url, &store, IfMissing::Refuse)?;
        let target = open_store(&to, &store, IfMissing::Make)?;
        context.out.note(&format!(
            "Copying {} to {}. No server should write to either: what it writes meanwhile may be \
             missing.",
            source.address, target.address
        ));
        target.admin.migrate().await?;

        let bar = Progress::records(context.out);
        let interrupt = Interrupt::listen();
        let mut report = |progress: operate::Progress| {
            bar.shows(&progress);
            interrupt.verdict()
        };
        let copied = operate::copy(
            source.admin.as_ref(),
            &source.address,
            target.admin.as_ref(),
            &mut report,
        );
        let copied = copied.await;
        drop(bar);
        answer(context, &source.address, &target.address, &copied?)?;
        context
            .out
            .note("The keys are sealed as they were: the new instance needs the same master key.");
        Ok(Exit::Done)
    }
}

/// Two databases that are one under two names are told apart no further than this; the copy itself
/// refuses a target that is not empty.
fn is_same(from: &StoreUrl, to: &StoreUrl) -> bool {
    match (from, to) {
        (StoreUrl::Sqlite(from), StoreUrl::Sqlite(to)) => std::fs::canonicalize(from)
            .is_ok_and(|from| std::fs::canonicalize(to).is_ok_and(|to| from == to)),
        _ => from == to,
    }
}

fn answer(context: &Context, from: &str, to: &str, report: &CopyReport) -> Result<(), CliError> {
    let kinds: Vec<_> = report
        .kinds
        .iter()
        .map(|copied| {
            serde_json::json!({
                "kind": copied.kind.as_str(),
                "count": copied.count,
                "checksum": copied.checksum.to_string(),
            })
        })
        .collect();
    let rows = report.kinds.iter().map(|copied| {
        [
            copied.kind.as_str().to_owned(),
            copied.count.to_string(),
            copied.checksum.to_string(),
        ]
    });
    let total = report.kinds.iter().map(|copied| copied.count).sum();
    let text = format!(
        "{}\n\ncopied {}; both sides agree in number and checksum",
        table(&["kind", "number", "checksum"], rows),
        count(total, "record"),
    );
    let answer = serde_json::json!({
        "from": from,
        "to": to,
        "resumed": report.resumed,
        "kinds": kinds,
    });
    context.out.answer(&answer, &text)
}
