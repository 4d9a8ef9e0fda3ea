//! One behaviour on every backend: every statement is prepared on both databases, both queue engines are run against
//! each other. The journeys of queue and appointments run on every pair of backends in their own files.

mod engines;
mod offers;
mod race;
mod reader;
mod reader_pool;
mod seats;
mod specimens;
mod sql;
