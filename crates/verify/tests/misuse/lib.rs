//! Nothing: the cases are in `cases`, and `compile.rs` compiles them.
