//! The policy that covers the whole API for one caller. The gateway caches it under the token and asks it about
//! every later call, so it has to be right for all of them: it allows each route that the caller may call, and
//! denies what the wildcards of these would let through besides. Where the two can't be told apart it denies.

use std::collections::BTreeSet;

use super::glob::Glob;
use super::path::{Path, Segment};
use super::routes::{METHODS, Route, Routes};

/// How far below a parameter a denial is looked for that no allowed route needs to be spared from.
const DEEPEST: usize = 3;

/// Ends of resources, after `…:api/stage/`, such as `GET/users/*`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Resources {
    pub(super) allow: Vec<String>,
    pub(super) deny: Vec<String>,
}

impl Resources {
    /// The resources for a caller who may call the routes that `permits` takes.
    pub(super) fn new(routes: &Routes, permits: &dyn Fn(&Route) -> bool) -> Self {
        let mut all = Self::default();
        let mut wild = false;
        let mut carved = BTreeSet::new();
        for method in METHODS {
            let table = Table::new(routes.of_method(method), permits);
            let allow = table.allow();
            let deny = table.deny(&allow, &mut carved);
            wild |= allow.iter().any(|glob| glob.0.contains(&Segment::Rest));
            let named = |glob: &Glob| format!("{method}/{glob}");
            all.allow.extend(allow.iter().map(named));
            all.deny.extend(deny.iter().map(named));
        }
        if wild {
            // Spellings that a gateway might take for another path than the policy does.
            all.deny
                .extend(["*//*", "*/./*", "*/../*", "*/.", "*/.."].map(str::to_owned));
            all.deny.extend(carved.into_iter().map(str::to_owned));
        }
        all
    }
}

/// The routes of one method, and which of them the caller may call.
pub(super) struct Table<'a> {
    paths: Vec<&'a Path>,
    allowed: Vec<&'a Path>,
    denied: Vec<&'a Path>,
}

impl<'a> Table<'a> {
    pub(super) fn new(routes: Vec<&'a Route>, permits: &dyn Fn(&Route) -> bool) -> Self {
        let paths = routes.iter().map(|route| &route.path).collect();
        let (allowed, denied): (Vec<_>, Vec<_>) = routes.into_iter().partition(|one| permits(one));
        let path = |route: &'a Route| &route.path;
        Self {
            paths,
            allowed: allowed.into_iter().map(path).collect(),
            denied: denied.into_iter().map(path).collect(),
        }
    }

    /// Some of the routes of one method, `allowed` and `denied`, beside all of its `paths`.
    pub(super) fn of(paths: Vec<&'a Path>, allowed: Vec<&'a Path>, denied: Vec<&'a Path>) -> Self {
        Self {
            paths,
            allowed,
            denied,
        }
    }

    pub(super) fn allow(&self) -> Vec<Glob> {
        widest(self.allowed.iter().map(|path| path.glob()).collect())
    }

    pub(super) fn deny(&self, allow: &[Glob], carved: &mut BTreeSet<&'static str>) -> Vec<Glob> {
        let mut deny = Vec::new();
        for path in &self.allowed {
            deny.extend(self.parent(path));
            deny.extend(self.beneath(path));
        }
        let beside = deny.clone();
        for path in &self.denied {
            let opens = |glob: &Glob| glob.takes_from_beside(path, &self.paths, &beside);
            if allow.iter().any(opens) {
                encodings(path, carved);
                deny.push(path.glob());
            }
            // `/users/me/`, which a gateway may take for `/users/me`.
            let slashed = path.with_slash();
            let opens = |glob: &Glob| glob.takes_from_beside(&slashed, &self.paths, &beside);
            if path.ends_in_literal() && allow.iter().any(opens) {
                deny.push(slashed.glob());
            }
        }
        widest(deny)
    }

    /// `/users/`, which the wildcard of `/users/{id}` takes: a gateway may take it for `/users`.
    fn parent(&self, path: &Path) -> Option<Glob> {
        let (last, init) = path.0.split_last()?;
        if matches!(last, Segment::Literal(_)) {
            return None;
        }
        if init.is_empty() {
            return (!self.allowed.contains(&&Path::root())).then(|| Path::root().glob());
        }
        let parent = Path(init.to_vec());
        (!self.allowed.contains(&&parent)).then(|| parent.glob().then(""))
    }

    /// What lies deeper than the parameters of `path` reach, where no allowed route is harmed by it: routes
    /// that nobody has listed are denied too.
    pub(super) fn beneath(&self, path: &Path) -> Vec<Glob> {
        let parameters = path.0.iter().enumerate();
        let parameters = parameters.filter(|(_, segment)| **segment == Segment::One);
        let deeper = |(at, _): (usize, &Segment)| {
            let mut glob = path.glob();
            (1..=DEEPEST).find_map(|_| {
                glob.0.insert(at, Segment::Rest);
                let harms = |one: &&&Path| glob.takes_from(one, &self.paths);
                (!self.allowed.iter().any(|one| harms(&one))).then(|| glob.clone())
            })
        };
        parameters.filter_map(deeper).collect()
    }
}

/// Leaves out what another of them takes as well.
fn widest(mut globs: Vec<Glob>) -> Vec<Glob> {
    globs.sort();
    globs.dedup();
    let all = globs.clone();
    globs.retain(|glob| !all.iter().any(|other| other != glob && other.covers(glob)));
    globs
}

/// The percent-encodings in which the literals of a denied path could be written otherwise. Only letters, digits
/// and the marks that need no encoding are meant: who writes `%6d` for `m` wants to get past something.
fn encodings(path: &Path, carved: &mut BTreeSet<&'static str>) {
    let literals = path.0.iter().filter_map(|segment| match segment {
        Segment::Literal(text) => Some(text),
        _ => None,
    });
    for character in literals.flat_map(|text| text.chars()) {
        let found: &[&str] = match character {
            'a'..='o' => &["*%6*"],
            'p'..='z' | '~' => &["*%7*"],
            'A'..='O' => &["*%4*"],
            'P'..='Z' => &["*%5*"],
            '_' => &["*%5F*", "*%5f*"],
            '0'..='9' => &["*%3*"],
            '-' => &["*%2D*", "*%2d*"],
            '.' => &["*%2E*", "*%2e*"],
            _ => &[],
        };
        carved.extend(found);
    }
}
