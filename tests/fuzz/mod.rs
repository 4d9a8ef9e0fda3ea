//! Bytes from outside, damaged in every way we know: whatever comes in, the answer is a result or a clear word.

mod corpora;
mod damage;
mod flat_jpeg;
mod images;
