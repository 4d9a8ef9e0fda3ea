//! Finds and reads lines of OCR-B, the type of machine-readable zones.
//!
//! **Lives here:** the way from grey pixels to likelihoods of letters: patches of ink → lines → places → cells → network; and what else looks
//! at every pixel: other sizes, pages laid flat (`views`), phrases of print. It is a package
//! of its own because the server and the program that trains the network (`examples/train`) both need it, and because loops over
//! pixels want to be compiled optimised where everything else wants to be compiled fast. **Must not know:** documents, check digits.
//! **Start reading** at [`Reader::blocks`].

pub mod lines;
pub mod net;
pub mod phrases;
pub mod pixels;
mod reader;
mod search;
mod track;
pub mod views;

pub use reader::{Block, Cells, Reader};
