//! Pictures in, readings out.
