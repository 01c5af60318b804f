use countersign_verify::{Expected, Keys, Verifier};

fn main() {
    Verifier::new(Expected::default(), Keys::new());
}
