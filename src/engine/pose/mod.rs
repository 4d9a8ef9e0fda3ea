//! Faces and angles out of frames, and the judge of what they show: the door to the workspace crate `visavis-pose`, which
//! the browser shares. Decoding is `track`'s; asking is the journey's.

pub use visavis_pose::*;
