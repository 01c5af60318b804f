//! The judges together, with all that they are asked about: one token, and the smallest form of a failure.

use std::io;
use std::process::Command;
use std::sync::Arc;

use serde_json::Value;

use crate::Arguments;
use crate::case::{Case, Valid};
use crate::exceptions;
use crate::failure::{self, Judgement, fault};
use crate::judges::{Ours, Process};
use crate::report::Report;
use crate::world::World;

pub struct Court {
    pub world: World,
    pub valid: Valid,
    pub ours: Ours,
    pub others: [Process; 2],
}

impl Court {
    pub fn open(arguments: &Arguments) -> io::Result<Self> {
        let world = World::generate();
        let mut node = Command::new("node");
        node.arg(arguments.judges.join("jose.mjs"));
        let mut python = Command::new(&arguments.python);
        python.arg(arguments.judges.join("pyjwt.py"));
        Ok(Self {
            valid: Valid::sign(&world, arguments.seed),
            ours: Ours::new(&world, arguments.lax.clone()),
            others: [
                Process::start("jose", &mut node, &world)?,
                Process::start("PyJWT", &mut python, &world)?,
            ],
            world,
        })
    }

    /// Has one token judged, while no batch is on its way.
    fn judge(&self, set_up: usize, token: &str) -> io::Result<Judgement> {
        let batch = Arc::new(vec![(set_up, token.to_owned())]);
        let mut verdicts = vec![self.ours.judge(set_up, token)];
        for other in &self.others {
            other.ask(&batch)?;
            verdicts.extend(other.answer()?);
        }
        verdicts
            .try_into()
            .map_err(|_| io::Error::other("a judge said more than was asked"))
    }

    /// The failure with as few mutations as still show it.
    pub fn shrink(&self, case: &Case, first: (String, Judgement)) -> io::Result<Value> {
        let all: Vec<usize> = (0..case.mutations.len()).collect();
        for kept in failure::subsets(case) {
            let token = case.token(&self.world, &self.valid, &kept);
            let judgement = self.judge(case.set_up, &token)?;
            if let Some(fault) = faulty(&judgement, &token, &mut Report::default()) {
                return Ok(failure::describe(
                    &self.world,
                    case,
                    &kept,
                    &token,
                    fault,
                    &judgement,
                ));
            }
        }
        // It depends on the very signature.
        let (token, judgement) = first;
        Ok(failure::describe(
            &self.world,
            case,
            &all,
            &token,
            "only with this signature",
            &judgement,
        ))
    }
}

/// What is wrong with a judgement, exceptions aside.
pub fn faulty(judgement: &Judgement, token: &str, report: &mut Report) -> Option<&'static str> {
    let [ours, jose, pyjwt] = judgement;
    let mut excused = [false; 2];
    if ours.accepts() {
        for (excused, (name, verdict)) in excused.iter_mut().zip([("jose", jose), ("PyJWT", pyjwt)])
        {
            if let Some(reason) = exceptions::excused(name, verdict, token) {
                report.excuse(reason);
                *excused = true;
            }
        }
    }
    fault([ours, jose, pyjwt], excused)
}
