//! What happens, in words: the table of routes at the start, a line for each request and invocation,
//! and what functions write, behind their names.

use crate::report::{Happening, Invocation, ListedRoute, Listening, Request};

/// Something that happened, as one or more lines without the last line's end, and without anything that
/// steers a terminal: functions may write what strangers have sent them.
pub fn in_words(happening: &Happening) -> String {
    let words = match happening {
        Happening::Listening(listening) => listed(listening),
        Happening::Warning { message } => format!("warning: {message}"),
        Happening::Line { function, line } => format!("[{function}] {line}"),
        Happening::Invocation(invocation) => invoked(invocation),
        Happening::Request(request) => answered(request),
    };
    harmless(&words)
}

/// The text without escape sequences, and with a space for other control characters and for those that
/// turn the direction of writing.
fn harmless(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            // Colours and movements: parameters, and one character that ends them.
            '\u{1b}' if chars.next_if_eq(&'[').is_some() => {
                while chars.next_if(|c| (' '..='?').contains(c)).is_some() {}
                let _ = chars.next_if(|c| ('@'..='~').contains(c));
            }
            '\n' | '\t' => kept.push(c),
            '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => {
                kept.push(' ');
            }
            c => kept.push(if c.is_control() { ' ' } else { c }),
        }
    }
    kept
}

fn listed(listening: &Listening) -> String {
    let kind = match listening.kind {
        "rest" => "REST API",
        "http" => "HTTP API",
        _ => "function URL",
    };
    let shown = |route: &ListedRoute| format!("{}{}", listening.url, route.path);
    let routes = &listening.routes;
    let methods = routes.iter().map(|route| route.method.len()).max();
    let paths = routes.iter().map(|route| shown(route).len()).max();
    let (methods, paths) = (methods.unwrap_or(0), paths.unwrap_or(0));
    let line = |route: &ListedRoute| {
        let target = route.function.as_deref().unwrap_or("(preflight)");
        let guard = route
            .authorizer
            .as_ref()
            .map(|name| format!("  behind {name}"));
        let (method, path, guard) = (&route.method, shown(route), guard.unwrap_or_default());
        format!("\n  {method:methods$}  {path:paths$}  {target}{guard}")
    };
    let lines: Vec<String> = routes.iter().map(line).collect();
    let (api, url) = (&listening.api, &listening.url);
    format!("{api} ({kind}) listens on {url}\n{}", lines.concat())
}

fn invoked(invocation: &Invocation) -> String {
    let Invocation {
        function,
        aws_request_id,
        took_ms,
        memory_mb,
        ..
    } = invocation;
    let billed = took_ms.ceil();
    let most = invocation
        .max_memory_mb
        .map(|most| format!("  Max Memory Used: {most} MB"));
    let start = match invocation.init_ms {
        Some(init) => format!("  Init Duration: {init:.2} ms  (cold)"),
        None if invocation.cold => "  (cold)".to_owned(),
        None => "  (warm)".to_owned(),
    };
    let error = invocation
        .error
        .as_ref()
        .map(|error| format!("\n[{function}] ERROR {error}"));
    let (most, error) = (most.unwrap_or_default(), error.unwrap_or_default());
    format!(
        "[{function}] REPORT RequestId: {aws_request_id}  Duration: {took_ms:.2} ms  Billed Duration: \
         {billed:.0} ms  Memory Size: {memory_mb} MB{most}{start}{error}"
    )
}

fn answered(request: &Request) -> String {
    let Request {
        method,
        path,
        status,
        took_ms,
        ..
    } = request;
    let answer = Some(format!("{method} {path} => {status} in {took_ms:.0} ms"));
    let parts = [
        &answer,
        &request.route,
        &request.authorizer,
        &request.reason,
    ];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    parts.join(" | ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_function_writes_does_not_steer_the_terminal() {
        for (written, shown) in [
            ("\u{1b}[31mred\u{1b}[0m", "red"),
            ("\u{1b}[2J\u{1b}[1;1Hgone", "gone"),
            ("\u{1b}]0;title\u{7}", " ]0;title "),
            ("a\rb\u{9b}2Jc\u{7f}", "a b 2Jc "),
            ("safe\u{202e}txt.exe\u{2066}", "safe txt.exe "),
            ("\tgrüße", "\tgrüße"),
        ] {
            let line = Happening::Line {
                function: "F".to_owned(),
                line: written.to_owned(),
            };
            assert_eq!(in_words(&line), format!("[F] {shown}"), "{written:?}");
        }
    }
}
