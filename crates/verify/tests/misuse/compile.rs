//! What must not compile, by the message that whoever tries gets; and, beside it, what they meant. After
//! a new release of Rust: `TRYBUILD=overwrite cargo nextest run -p countersign-misuse`.

#[test]
fn misuse_does_not_compile() {
    let cases = trybuild::TestCases::new();
    cases.pass("cases/as_it_is_meant.rs");
    cases.compile_fail("cases/no_*.rs");
}
