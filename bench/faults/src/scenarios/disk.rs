//! The disk fills up under load: on a small file system in memory. Calls are turned away meanwhile,
//! nothing acknowledged is lost, and once there is room again it all goes on.

use std::path::Path;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::Plan;
use super::stage::{Stage, folder};
use crate::checker::Rules;
use crate::engines::Engine;
use crate::failure::Outcome;
use crate::report::Row;
use crate::servers::Server;
use crate::volume::Volume;

const NAME: &str = "disk full";
/// The size of the disk in MiB, where the engine can begin on so little.
const SIZE: u64 = 64;
/// What an engine that needs more gets besides what it takes when it is empty.
const ROOM: u64 = 24;
/// While the engine sets itself up.
const AMPLE: u64 = 1024;
/// What is added in the end.
const RELIEF: u64 = 192;
/// The padding of an event, in bytes.
const FILLER: usize = 24 * 1024;
/// So many calls without success mean that the disk is full.
const TURNED_AWAY: u64 = 20;

/// Runs it.
pub async fn run(engine: Engine, plan: &Plan, base: &Path) -> Outcome<Row> {
    let folder = folder(base, engine, NAME)?;
    let volume = match Volume::mount(&folder.join("disk"), AMPLE) {
        Ok(volume) => volume,
        Err(why) => return Ok(Row::left_out(engine, NAME, why.to_string())),
    };
    let data = folder.join("disk").join("server");
    let server = if engine.has_server() {
        let server = Server::start(engine, &data).await?;
        if !server.keeps_data()? {
            let why = "the emulator keeps its data in memory".to_owned();
            return Ok(Row::left_out(engine, NAME, why));
        }
        Some(server)
    } else {
        std::fs::create_dir_all(&data)?;
        None
    };
    let address = match &server {
        Some(server) => server.address()?,
        None => data.join("countersign.db").display().to_string(),
    };
    let addresses = (address.clone(), address);
    let history = folder.join("history.jsonl");
    let mut stage = Stage::set_up(engine, NAME, addresses, &history, plan.seed).await?;

    let (used, _) = volume.usage()?;
    let size = SIZE.max(used + ROOM);
    volume.resize(size)?;
    stage.begin_load(FILLER).await?;
    let is_full = fill(&stage).await;
    // On a full disk, what needs little room is tried, too.
    stage.end_load().await?;
    stage.begin_load(0).await?;
    sleep(Duration::from_secs(3)).await;

    volume.resize(size + RELIEF)?;
    let mut note = format!("{size} MiB");
    if !is_full {
        note.push_str("; it did not fill up in time");
    }
    if let Some(server) = &server
        && !answers(&stage).await
    {
        // It stopped by itself; what starts it in production starts it here.
        server.kill().await?;
        server.start_again().await?;
        note.push_str("; the server stopped by itself and was started again");
    }
    stage.was_out().await;
    sleep(Duration::from_secs(3)).await;
    stage.end_load().await?;
    let judged = stage.judge(Rules::default(), |_, _, found| {
        found.expect(is_full, "the disk was full", String::new);
    });
    let (mut row, stage) = judged.await?;
    row.note = note;
    if let Some(server) = server {
        row.about = server.about()?;
    }
    drop(stage);
    Ok(row)
}

/// Waits until calls fail.
async fn fill(stage: &Stage) -> bool {
    let until = Instant::now() + Duration::from_secs(90);
    let before = stage.archive.turned_away();
    while Instant::now() < until {
        if stage.archive.turned_away() >= before + TURNED_AWAY {
            return true;
        }
        sleep(Duration::from_millis(100)).await;
    }
    false
}

/// Whether the server takes writes again within some seconds.
async fn answers(stage: &Stage) -> bool {
    let Ok((store, _)) = stage.open() else {
        return false;
    };
    let tries = async {
        while store.ping().await.is_err() {
            sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(Duration::from_secs(4), tries).await.is_ok()
}
