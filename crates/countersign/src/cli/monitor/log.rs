//! A log as a source: read to its end, or followed by a thread while it grows. A followed file that was
//! cut or replaced by a shorter one is read from its beginning.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::time::Duration;

use countersign_monitor::{Invocation, Limits, Reader, Stock, Tally};

use crate::cli::error::CliError;

/// What is kept of a log.
const LIMITS: Limits = Limits {
    entries: 1_000_000,
    bytes: 1 << 30,
};
/// The longest line, in bytes. What is longer is read as several.
const MAX_LINE: u64 = 16 * 1024 * 1024;
/// How often a file that has ended is looked at again.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How many lines wait to be read.
const WAITING: usize = 10_000;

/// A log, as far as it has been read.
pub(super) struct Log {
    reader: Reader,
    rest: Option<Receiver<io::Result<String>>>,
    path: PathBuf,
}

impl Log {
    pub(super) fn open(path: &Path, function: &str, follow: bool) -> Result<Self, CliError> {
        let mut log = Self {
            reader: Reader::new(LIMITS, function),
            rest: None,
            path: path.to_owned(),
        };
        let is_stdin = path == Path::new("-");
        let file = if is_stdin {
            None
        } else {
            Some(File::open(path).map_err(|source| log.unreadable(source))?)
        };
        if follow {
            let (lines, rest) = sync_channel(WAITING);
            log.rest = Some(rest);
            let _detached = std::thread::spawn(move || match file {
                Some(file) => tail(file, &lines),
                None => pour(&mut io::stdin().lock(), &lines),
            });
            return Ok(log);
        }
        let read = match file {
            Some(file) => log.read_all(BufReader::new(file)),
            None => log.read_all(io::stdin().lock()),
        };
        read.map_err(|source| log.unreadable(source))?;
        Ok(log)
    }

    /// Reads what has come since. Gives whether more may come.
    pub(super) fn catch_up(&mut self) -> Result<bool, CliError> {
        let Some(rest) = &self.rest else {
            return Ok(false);
        };
        loop {
            match rest.try_recv() {
                Ok(Ok(line)) => self.reader.line(&line),
                Ok(Err(source)) => return Err(self.unreadable(source)),
                Err(TryRecvError::Empty) => return Ok(true),
                Err(TryRecvError::Disconnected) => return Ok(false),
            }
        }
    }

    pub(super) fn stock(&self) -> Stock {
        self.reader.stock()
    }

    pub(super) fn tally(&self) -> Tally {
        self.reader.tally()
    }

    pub(super) fn fresh_ones(&mut self) -> Vec<Invocation> {
        self.reader.fresh_ones()
    }

    fn read_all(&mut self, mut from: impl BufRead) -> io::Result<()> {
        while let Some(line) = next_line(&mut from)? {
            self.reader.line(&line);
        }
        Ok(())
    }

    fn unreadable(&self, source: io::Error) -> CliError {
        if self.path == Path::new("-") {
            CliError::Input(source)
        } else {
            CliError::Read {
                path: self.path.clone(),
                source,
            }
        }
    }
}

/// The next line, whatever bytes it has; `None` at the end.
fn next_line(from: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    let read = from.by_ref().take(MAX_LINE).read_until(b'\n', &mut bytes)?;
    Ok((read > 0).then(|| String::from_utf8_lossy(&bytes).into_owned()))
}

/// Passes lines on until the end, or until nobody wants them.
fn pour(from: &mut impl BufRead, lines: &SyncSender<io::Result<String>>) {
    loop {
        let next = next_line(from).transpose();
        let Some(next) = next else { return };
        let is_broken = next.is_err();
        if lines.send(next).is_err() || is_broken {
            return;
        }
    }
}

/// Passes whole lines on, and waits for more.
fn tail(file: File, lines: &SyncSender<io::Result<String>>) {
    let mut from = BufReader::new(file);
    let mut half = String::new();
    loop {
        let next = match next_line(&mut from) {
            Ok(next) => next,
            Err(error) => {
                let _ = lines.send(Err(error));
                return;
            }
        };
        if let Some(part) = next {
            half.push_str(&part);
            if half.ends_with('\n') && lines.send(Ok(std::mem::take(&mut half))).is_err() {
                return;
            }
            continue;
        }
        std::thread::sleep(LOOK_EVERY);
        let length = from
            .get_ref()
            .metadata()
            .map_or(u64::MAX, |file| file.len());
        if from.stream_position().is_ok_and(|at| at > length) {
            half.clear();
            let _ = from.seek(SeekFrom::Start(0));
        }
    }
}
