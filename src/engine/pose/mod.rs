//! Faces and angles out of frames. The measuring engine moves in here; the door stays.
