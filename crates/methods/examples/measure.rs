//! Measures what the password method costs on this machine: raw Argon2, the pool, an unknown user
//! against a known one, the strength estimate, and the memory that stays.
//!
//! ```sh
//! cargo run --release -p countersign-methods --example measure
//! ```

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use countersign_app::ports::{Entropy, Passwords};
use countersign_domain::password::{Password, PasswordHash};
use countersign_methods::password::{PasswordMethod, PasswordSettings};

struct System;

impl Entropy for System {
    fn fill(&self, bytes: &mut [u8]) {
        // An example makes no users.
        let _ = SystemRandom::new().fill(bytes);
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    resident("at the start");
    let began = Instant::now();
    System.fill(&mut [0; 32]);
    println!("first random bytes of aws-lc    {:>10.3?}", began.elapsed());
    let began = Instant::now();
    let method = Arc::new(PasswordMethod::new(
        PasswordSettings::default(),
        Arc::new(System),
    )?);
    println!("start of the method             {:>10.3?}", began.elapsed());
    resident("after the start");
    unknown_and_known(&method).await?;
    resident("after a few hashes");
    throughput(&method).await?;
    overload().await?;
    resident("after the overload");
    strength(&method)?;
    resident("at the end");
    std::thread::sleep(Duration::from_secs(1));
    resident("a second later");
    raw_argon2()?;
    resident("after raw Argon2id");
    Ok(())
}

fn raw_argon2() -> Result<(), Box<dyn Error>> {
    let params = Params::new(19 * 1024, 2, 1, None)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let each = median(20, || {
        let mut out = [0; 32];
        // An example has no use for the error.
        let _ = argon2.hash_password_into(b"a password", &[7; 16], &mut out);
    });
    println!("raw Argon2id, fresh memory      {each:>10.3?}");
    Ok(())
}

async fn unknown_and_known(method: &PasswordMethod) -> Result<(), Box<dyn Error>> {
    let password = Password::new("kx8 wq2 vbn 7m4")?;
    let hash = method.hash(password.clone()).await?;
    let foreign = method.accept_foreign(
        "$sha256-username-password-salt$YWRh$Z2xvYmFsLXNhbHQ$3db0966df1f2622006da9e0a311a0ae379de2d8a4919a9af9abc339242e21e0f",
    )?;
    for (whose, stored) in [
        ("known", Some(hash)),
        ("unknown", None),
        ("imported", Some(foreign)),
    ] {
        let each = wrong_password(method, stored).await?;
        println!("wrong password, {whose:<8} user   {each:>10.3?}");
    }
    Ok(())
}

async fn wrong_password(
    method: &PasswordMethod,
    stored: Option<PasswordHash>,
) -> Result<Duration, Box<dyn Error>> {
    let mut times = Vec::new();
    for _ in 0..40 {
        let began = Instant::now();
        let _ = method
            .verify(Password::new("wrong password")?, stored.clone())
            .await?;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    Ok(times.get(times.len() / 2).copied().unwrap_or_default())
}

async fn throughput(method: &Arc<PasswordMethod>) -> Result<(), Box<dyn Error>> {
    const HASHES: u32 = 150;
    let began = Instant::now();
    let mut jobs = Vec::new();
    for _ in 0..HASHES {
        let method = Arc::clone(method);
        let password = Password::new("kx8 wq2 vbn 7m4")?;
        jobs.push(tokio::spawn(
            async move { method.verify(password, None).await },
        ));
    }
    let mut done = 0_u32;
    for job in jobs {
        done += u32::from(job.await?.is_ok());
    }
    let rate = f64::from(done) / began.elapsed().as_secs_f64();
    println!("verifications, all threads      {rate:>8.1}/s  ({done} of {HASHES} done)");
    println!(
        "mean on a thread                {:>10.3?}",
        method.mean_hash_time()
    );
    resident("after them");
    Ok(())
}

async fn overload() -> Result<(), Box<dyn Error>> {
    let settings = PasswordSettings {
        max_wait: Duration::from_millis(200),
        ..Default::default()
    };
    let method = Arc::new(PasswordMethod::new(settings, Arc::new(System))?);
    let mut jobs = Vec::new();
    for _ in 0..1000 {
        let method = Arc::clone(&method);
        let password = Password::new("kx8 wq2 vbn 7m4")?;
        jobs.push(tokio::spawn(async move {
            let began = Instant::now();
            let refused = method.verify(password, None).await.is_err();
            (refused, began.elapsed())
        }));
    }
    let (mut refused, mut served) = (Vec::new(), Vec::new());
    for job in jobs {
        let (was_refused, took) = job.await?;
        if was_refused {
            refused.push(took);
        } else {
            served.push(took);
        }
    }
    let slowest = |times: &[Duration]| times.iter().max().copied().unwrap_or_default();
    println!(
        "1000 at once, 200 ms to wait    {} served, the slowest in {:.0?}; {} refused, the slowest in {:.0?}",
        served.len(),
        slowest(&served),
        refused.len(),
        slowest(&refused)
    );
    Ok(())
}

fn strength(method: &PasswordMethod) -> Result<(), Box<dyn Error>> {
    let about = ["ada@example.com", "Ada Lovelace"];
    let inputs = [
        ("typical", "kx8 wq2 vbn 7m4".to_owned()),
        ("phrase of 30", "correct horse battery staple x".to_owned()),
        ("256 letters a", "a".repeat(256)),
        ("256 digits", "20200101".repeat(32)),
        ("256 of leet", "p4$$w0rd@4&1!".repeat(20)),
        ("256 of aab", "aab".repeat(86)),
        (
            "1024 letters",
            "qwertyuiopasdfghjklzxcvbnm1234567890".repeat(29),
        ),
        ("1000 of Chinese", "馬山川風月".repeat(200)),
        ("1000 words", "thepasswordloveisdragonmonkey".repeat(35)),
        ("4096 l33t mix", "4@8({[<369!1|70$5+%2".repeat(200)),
    ];
    for (what, text) in inputs {
        let password = Password::new(text.get(..text.len().min(4000)).unwrap_or(&text))?;
        let each = median(9, || {
            let _ = method.strength(&password, &about);
        });
        println!("strength, {what:<20}  {each:>10.3?}");
    }
    let password = Password::new("kx8 wq2 vbn 7m4")?;
    let each = median(50, || {
        let _ = method.assess(&password, &about);
    });
    println!("whole assessment, typical       {each:>10.3?}");
    Ok(())
}

fn median(times: usize, mut work: impl FnMut()) -> Duration {
    work();
    let mut all: Vec<Duration> = (0..times)
        .map(|_| {
            let began = Instant::now();
            work();
            began.elapsed()
        })
        .collect();
    all.sort_unstable();
    all.get(times / 2).copied().unwrap_or_default()
}

fn resident(when: &str) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap_or("VmRSS unknown");
    println!(
        "resident {when:<20}   {}",
        line.split_whitespace()
            .skip(1)
            .collect::<Vec<_>>()
            .join(" ")
    );
}
