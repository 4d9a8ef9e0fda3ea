//! The edge to the browser: plain functions over plain memory, no glue code, nothing evaluated.
//!
//! ```text
//! pose_start() → 0 | 1                     loads the networks; 1: they are none
//! pose_pixels(bytes) → address             where the page writes a frame (RGBA, rows from the top)
//! pose_prompt(pose, at_ms)                 0 frontal, 1 left, 2 right, 3 up, 4 down; anything else: nothing is asked
//! pose_look(width, height, at_ms) → address of NUMBERS numbers (f32), or 0 when the frame is none
//!     0 faces · 1 whether there is one · 2 yaw · 3 pitch · 4 roll · 5 score · 6 width · 7 luma
//!     8 whether the front is known · 9 its yaw · 10 its pitch · 11 progress 0–1
//!     12 outcome: 0 none, 1 passed, 2 failed · 13 the reason's place in `Reason::CODES` · 14 peak
//! ```
//! One worker, one thread: the state stands in a cell of that thread.
#![allow(unsafe_code, reason = "names without mangling; no memory is read or written through a raw pointer here")]
#![expect(unreachable_pub, reason = "called by the page, which the compiler does not see")]

use std::cell::RefCell;

use crate::{
    Engine, Frame, Layout,
    judge::{Judge, Outcome, Pose, Reason, Rules, Sample},
};

const NUMBERS: usize = 15;

struct Booth {
    engine: Engine,
    judge: Judge,
}

thread_local! {
    static BOOTH: RefCell<Option<Booth>> = const { RefCell::new(None) };
    static PIXELS: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static ANSWER: RefCell<[f32; NUMBERS]> = const { RefCell::new([0.0; NUMBERS]) };
}

/// See the page of this file.
// SAFETY: the name occurs once.
#[unsafe(no_mangle)]
pub extern "C" fn pose_start() -> u32 {
    let Ok(engine) = Engine::new() else { return 1 };
    BOOTH.set(Some(Booth { engine, judge: Judge::new(Rules::default()) }));
    0
}

/// See the page of this file.
// SAFETY: the name occurs once.
#[unsafe(no_mangle)]
pub extern "C" fn pose_pixels(bytes: usize) -> *mut u8 {
    PIXELS.with_borrow_mut(|pixels| {
        pixels.resize(bytes, 0);
        pixels.as_mut_ptr()
    })
}

/// See the page of this file.
// SAFETY: the name occurs once.
#[unsafe(no_mangle)]
pub extern "C" fn pose_prompt(pose: usize, at_ms: f64) {
    BOOTH.with_borrow_mut(|booth| {
        let Some(booth) = booth else { return };
        match Pose::ALL.get(pose) {
            Some(pose) => booth.judge.prompt(*pose, Some(at_ms as i64)),
            None => drop(booth.judge.end()),
        }
    });
}

/// See the page of this file.
// SAFETY: the name occurs once.
#[unsafe(no_mangle)]
pub extern "C" fn pose_look(width: usize, height: usize, at_ms: f64) -> *const f32 {
    let seen = BOOTH.with_borrow_mut(|booth| PIXELS.with_borrow(|pixels| look(booth.as_mut()?, pixels, (width, height), at_ms as i64)));
    match seen {
        Some(numbers) => ANSWER.with_borrow_mut(|answer| {
            *answer = numbers;
            answer.as_ptr()
        }),
        None => std::ptr::null(),
    }
}

fn look(booth: &mut Booth, pixels: &[u8], (width, height): (usize, usize), at_ms: i64) -> Option<[f32; NUMBERS]> {
    let frame = Frame::new(pixels, width, height, Layout::Rgba).ok()?;
    let sight = booth.engine.look(&frame, at_ms).ok()?;
    let outcome = booth.judge.take(&Sample { at_ms, sight });
    let mut numbers = [0.0; NUMBERS];
    numbers[0] = sight.faces as f32;
    if let Some(face) = sight.face {
        numbers[1..8].copy_from_slice(&[1.0, face.yaw, face.pitch, face.roll, face.score, face.width, face.luma]);
    }
    if let Some(front) = booth.judge.baseline() {
        numbers[8..11].copy_from_slice(&[1.0, front.yaw, front.pitch]);
    }
    numbers[11] = booth.judge.progress();
    if let Some(Outcome { reason, peak, .. }) = outcome {
        let place = reason.and_then(|reason| Reason::CODES.iter().position(|code| *code == reason.code())).unwrap_or(0);
        numbers[12..].copy_from_slice(&[if reason.is_none() { 1.0 } else { 2.0 }, place as f32, peak]);
    }
    Some(numbers)
}
