//! The figures of an engine, as tables for people and as JSON for programs.

use serde_json::{Map, Value, json};

use super::call::What;
use super::engine::Engine;
use super::instance::{Instance, Measured, all_ms, per_second, refused};
use super::verdict::Verdict;
use crate::server::Memory;

/// The tables of one engine.
pub fn tables(engine: Engine, instances: &[Instance], verdicts: &[Verdict]) -> String {
    let about = instances.first().map_or("", Instance::about);
    let mut text = format!("\n### {}: {about}\n\n", engine.name());
    text += "| call | users | calls/s | p50 ms | p99 ms | alone: p50 ms | p99 ms | round trips | its write, mean ms |\n";
    text += "|---|---:|---:|---:|---:|---:|---:|---:|---:|\n";
    for what in What::ALL {
        for instance in instances {
            let measured = instance.of(what);
            text += &format!(
                "| {}, {} clients | {} | {:.0} | {:.2} | {:.2} | {:.2} | {:.2} | {} | {} |\n",
                what.name(),
                what.crowd(),
                instance.filled.users,
                per_second(&measured.crowd),
                all_ms(&measured.crowd, 0.5),
                all_ms(&measured.crowd, 0.99),
                all_ms(&measured.one, 0.5),
                all_ms(&measured.one, 0.99),
                shown(measured.round_trips()),
                shown(measured.write_ms()),
            );
        }
    }
    for instance in instances {
        for (what, measured) in &instance.calls {
            let refused = refused(&measured.crowd) + refused(&measured.one);
            if refused > 0 {
                text += &format!(
                    "\n{} users, {}: {refused} calls were refused because the store was busy.\n",
                    instance.filled.users,
                    what.name()
                );
            }
        }
    }
    for instance in instances {
        let rate = instance.filled.users as f64 / instance.filled.took.as_secs_f64();
        text += &format!(
            "\n{} users: imported in {:.1} s ({rate:.0}/s); resident {}, at the start {}.\n",
            instance.filled.users,
            instance.filled.took.as_secs_f64(),
            memory(&instance.memory),
            memory(&instance.memory_at_start),
        );
    }
    if !verdicts.is_empty() {
        text += "\n| aim | found | |\n|---|---|---|\n";
        text.extend(verdicts.iter().map(Verdict::row));
    }
    text
}

fn memory(memory: &Memory) -> String {
    format!("{:.1} MiB ({:.1} MiB its own)", memory.resident, memory.own)
}

fn mib(memory: &Memory) -> Value {
    json!({ "resident_mib": memory.resident, "own_mib": memory.own })
}

fn shown(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"))
}

/// The same for programs.
pub fn json(instances: &[Instance], verdicts: &[Verdict]) -> Value {
    let of = |instance: &Instance| {
        let calls = instance.calls.iter();
        json!({
            "users": instance.filled.users,
            "fill_seconds": instance.filled.took.as_secs_f64(),
            "memory_at_start": mib(&instance.memory_at_start),
            "memory": mib(&instance.memory),
            "calls": calls
                .map(|(what, measured)| (what.name().to_owned(), call(*what, measured)))
                .collect::<Map<_, _>>(),
        })
    };
    json!({
        "about": instances.first().map(Instance::about),
        "instances": instances.iter().map(of).collect::<Vec<_>>(),
        "aims": verdicts.iter().map(Verdict::json).collect::<Vec<_>>(),
    })
}

fn call(what: What, measured: &Measured) -> Value {
    let loads = |clients: usize, loads: &[crate::load::Load]| {
        let rounds: Vec<_> = loads.iter().map(|load| load.per_second).collect();
        json!({
            "clients": clients,
            "per_second": per_second(loads),
            "per_second_by_round": rounds,
            "refused": refused(loads),
            "p50_ms": all_ms(loads, 0.5),
            "p99_ms": all_ms(loads, 0.99),
        })
    };
    json!({
        "crowd": loads(what.crowd(), &measured.crowd),
        "alone": loads(1, &measured.one),
        "calls_alone": measured.calls(),
        "round_trips": measured.round_trips(),
        "write_mean_ms": measured.write_ms(),
    })
}
