use countersign_verify::{Expected, Verifier};

fn verifier(expected: Expected) -> Verifier {
    Verifier::new(expected)
}

fn main() {}
