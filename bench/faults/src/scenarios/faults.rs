//! The main scenario: a load from two processes, through kills, cuts, stalls, a crowd and bursts.

use std::path::Path;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Plan;
use super::bursts::{self, Prizes};
use super::stage::{Stage, folder};
use crate::checker::Rules;
use crate::engines::{Engine, with_port};
use crate::failure::Outcome;
use crate::proxy::{Cut, Proxy};
use crate::random::Random;
use crate::report::Row;
use crate::servers::Server;

/// How long answers are held while a crowd comes.
const SLOW: Duration = Duration::from_millis(120);
/// How much longer everything is held than a call may take.
const LONGER: Duration = Duration::from_millis(500);

const NAME: &str = "faults";

/// Runs it.
pub async fn run(engine: Engine, plan: &Plan, base: &Path) -> Outcome<Row> {
    let folder = folder(base, engine, NAME)?;
    let history = folder.join("history.jsonl");
    if !engine.has_server() {
        let path = folder.join("countersign.db").display().to_string();
        let addresses = (path.clone(), path);
        let stage = Stage::set_up(engine, NAME, addresses, &history, plan.seed).await?;
        return act(stage, plan, None).await;
    }
    let server = Server::start(engine, &folder.join("server")).await?;
    let direct = server.address()?;
    let (_, port) = with_port(&direct, 0).ok_or("the server's address has no port")?;
    let proxy = Proxy::start(port).await?;
    let (led, _) = with_port(&direct, proxy.port()).ok_or("the address has no port")?;
    let stage = Stage::set_up(engine, NAME, (direct, led), &history, plan.seed).await?;
    let mut row = act(stage, plan, Some((&server, &proxy))).await?;
    row.about = server.about()?;
    Ok(row)
}

async fn act(mut stage: Stage, plan: &Plan, server: Option<(&Server, &Proxy)>) -> Outcome<Row> {
    let mut random = Random::new(plan.seed);
    let mut prizes = Prizes::default();
    stage.begin_load(0).await?;
    for _ in 0..plan.kills {
        sleep(Duration::from_millis(1_500 + random.below(1_500))).await;
        match server {
            None => stage.kill_client().await?,
            Some((server, proxy)) => kill(&mut stage, server, proxy, &mut random).await?,
        }
    }
    if let Some((_, proxy)) = server {
        cut(&stage, plan, proxy, &mut random).await;
        for _ in 0..plan.stalls {
            proxy.stall(true);
            sleep(plan.limits.slowest + LONGER).await;
            proxy.stall(false);
            stage.was_out().await;
        }
    }
    stage.end_load().await?;
    crowd(&mut stage, plan, server.map(|(_, proxy)| proxy)).await?;
    for number in 0..plan.bursts {
        bursts::round(&mut stage, number, &mut prizes).await?;
    }
    stage.begin_load(0).await?;
    // One more kill when all has been through everything.
    sleep(Duration::from_secs(1)).await;
    if let Some((server, proxy)) = server {
        kill(&mut stage, server, proxy, &mut random).await?;
    } else {
        stage.kill_client().await?;
    }
    while stage.archive.count() < plan.operations && stage.lasted() < plan.longest {
        sleep(Duration::from_millis(200)).await;
    }
    stage.end_load().await?;
    let kills = plan.kills + 1;
    let judged = stage.judge(Rules::default(), |operations, state, found| {
        bursts::check(&prizes, operations, state, found);
    });
    let (mut row, _) = judged.await?;
    row.kills = kills;
    row.cuts = server.map_or(0, |(_, proxy)| proxy.cuts());
    row.wanted = plan.operations;
    row.note = match server {
        None => "the process that writes is killed; there is no connection to cut".to_owned(),
        Some((server, _)) if server.keeps_data()? => String::new(),
        Some(_) => "the emulator keeps its data in memory: put out of reach, not killed".to_owned(),
    };
    Ok(row)
}

/// Kills the server and brings it back. An emulator that would forget everything is put out of reach
/// instead.
async fn kill(
    stage: &mut Stage,
    server: &Server,
    proxy: &Proxy,
    random: &mut Random,
) -> Outcome<()> {
    let keeps_data = server.keeps_data()?;
    if keeps_data {
        server.kill().await?;
    } else {
        proxy.close(true);
    }
    sleep(Duration::from_millis(400 + random.below(1_600))).await;
    if keeps_data {
        server.start_again().await?;
    } else {
        proxy.close(false);
    }
    stage.was_out().await;
    Ok(())
}

async fn cut(stage: &Stage, plan: &Plan, proxy: &Proxy, random: &mut Random) {
    let mut armed = 0;
    let until = Instant::now() + Duration::from_mins(1);
    while armed < plan.cuts && Instant::now() < until {
        for cut in Cut::ALL {
            proxy.arm(cut);
            armed += 1;
        }
        // Some load in between, so that there is something to cut.
        let seen = stage.archive.count();
        sleep(Duration::from_millis(100 + random.below(400))).await;
        while stage.archive.count() < seen + 20 && Instant::now() < until {
            sleep(Duration::from_millis(20)).await;
        }
    }
    proxy.cut_all();
}

/// Many more callers than connections, on a server that is slow; then all is well again.
async fn crowd(stage: &mut Stage, plan: &Plan, proxy: Option<&Proxy>) -> Outcome<()> {
    let (workers, time) = plan.crowd;
    if let Some(proxy) = proxy {
        proxy.delay(SLOW);
    }
    stage.crowd(workers, time).await?;
    if let Some(proxy) = proxy {
        proxy.delay(Duration::ZERO);
    }
    stage.begin_load(0).await?;
    stage.was_out().await;
    stage.end_load().await
}
