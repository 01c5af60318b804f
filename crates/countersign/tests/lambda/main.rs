//! The binary as an AWS Lambda function: real events of each kind, through a runtime API that speaks
//! the real protocol over a socket.

#![cfg(all(unix, feature = "lambda"))]

#[cfg(test)]
mod addresses;
#[cfg(test)]
#[cfg(feature = "dynamodb")]
mod away;
#[cfg(test)]
mod configuration;
#[cfg(test)]
#[cfg(feature = "dynamodb")]
#[path = "../engines/database.rs"]
mod database;
#[cfg(test)]
mod emulator;
#[cfg(test)]
mod event;
#[cfg(test)]
mod function;
#[cfg(test)]
mod lines;
#[cfg(test)]
mod maintenance;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod stages;
#[cfg(test)]
mod tour;
#[cfg(test)]
mod traces;
