//! fake.
fn main() {}
