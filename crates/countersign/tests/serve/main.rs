//! The server from outside: the real binary, over real sockets, with a data directory of its own.

#[cfg(test)]
mod crash;
#[cfg(test)]
mod drain;
#[cfg(test)]
mod grafana;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod monitor;
#[cfg(test)]
mod ops;
#[cfg(test)]
mod restart;
#[cfg(test)]
mod slow_clients;
#[cfg(test)]
mod start;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod tour;
#[cfg(test)]
mod traces;
#[cfg(test)]
mod two_servers;
