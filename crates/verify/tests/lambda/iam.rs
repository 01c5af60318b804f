//! What IAM makes of a policy, after its reference: an explicit deny wins, then an allow whose condition holds, and
//! otherwise it is denied. `*` is any text, slashes included, `?` one character.

use serde_json::Value;

pub fn allows(policy: &Value, resource: &str, now: i64) -> bool {
    let statements = policy["policyDocument"]["Statement"].as_array().unwrap();
    let applies = |statement: &&Value| {
        assert_eq!(statement["Action"], "execute-api:Invoke");
        let resources = statement["Resource"].as_array().unwrap();
        resources
            .iter()
            .any(|pattern| matches(pattern.as_str().unwrap(), resource))
            && holds(statement, now)
    };
    let effect = |effect: &str| {
        statements
            .iter()
            .filter(applies)
            .any(|one| one["Effect"] == effect)
    };
    !effect("Deny") && effect("Allow")
}

fn holds(statement: &Value, now: i64) -> bool {
    match statement.get("Condition") {
        None => true,
        Some(condition) => {
            let until = condition["DateLessThan"]["aws:CurrentTime"]
                .as_str()
                .unwrap();
            now < seconds(until)
        }
    }
}

fn seconds(text: &str) -> i64 {
    let number = |range: std::ops::Range<usize>| text[range].parse::<i64>().unwrap();
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let (year, month) = (number(0..4), number(5..7));
    let years: i64 = (1970..year)
        .map(|year| if leap(year) { 366 } else { 365 })
        .sum();
    let lengths = [
        31,
        if leap(year) { 29 } else { 28 },
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    let months: i64 = lengths[..usize::try_from(month).unwrap() - 1].iter().sum();
    let days = years + months + number(8..10) - 1;
    days * 86_400 + number(11..13) * 3_600 + number(14..16) * 60 + number(17..19)
}

pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut here) = (0, 0);
    let mut star = None;
    while here < text.len() {
        if at < pattern.len() && pattern[at] == '*' {
            star = Some((at, here));
            at += 1;
        } else if at < pattern.len() && (pattern[at] == '?' || pattern[at] == text[here]) {
            at += 1;
            here += 1;
        } else if let Some((star_at, from)) = star {
            star = Some((star_at, from + 1));
            at = star_at + 1;
            here = from + 1;
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|rest| *rest == '*')
}

#[test]
fn the_evaluator_matches_as_iam_does() {
    for (pattern, text, answer) in [
        ("GET/users/*", "GET/users/1/2", true),
        ("GET/users/*", "GET/users/", true),
        ("GET/users/*", "GET/users", false),
        ("*/users", "GET/x/users", true),
        ("GET/*/posts", "GET/a/b/posts", true),
        ("GET/?", "GET/a", true),
        ("GET/?", "GET/ab", false),
        ("*", "", true),
        ("a*b*c", "aXbYbZc", true),
    ] {
        assert_eq!(matches(pattern, text), answer, "{pattern} {text}");
    }
    assert_eq!(seconds("2027-01-15T08:00:00Z"), 1_800_000_000);
}
