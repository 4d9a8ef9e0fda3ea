//! Puts what the SFU hears on disk, off the media thread.

use std::{
    collections::HashMap,
    io,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use super::log::{Entry, Record};
use crate::engine::{
    sfu::{Kind, Packet, Report, Tape},
    vault::LogWriter,
};

/// Bytes that may wait for the disk: 20 s of one participant.
const CAPACITY: usize = 4 << 20;
/// From here on pictures are left out, so that the sound is kept.
const VIDEO_LIMIT: usize = CAPACITY / 4 * 3;
/// The writing thread takes what waits so often, and writes it at once: waking it for each packet would cost more than all else …
const EVERY: Duration = Duration::from_millis(400);
/// … or when so much waits.
const EARLY: usize = 128 * 1024;
/// A source is described again after so long, so that a log that lost its beginning can be understood.
const AGAIN: Duration = Duration::from_secs(5);

/// The media thread's end: records gather in memory until the writing thread takes them all at once. When the disk is too
/// slow pictures are left out first, and what was left out is counted in the log. Dropped, it closes the log.
pub struct LogTape {
    shared: Arc<Shared>,
    zero: Instant,
    zero_us: u64,
    /// When each source was described last, by its payload types.
    known: HashMap<(u32, u8), Instant>,
    lost_audio: u32,
    lost_video: u32,
}

/// The other end of a [`LogTape`]: to end it from outside and to know when the log is whole.
#[derive(Clone)]
pub struct Reel(Arc<Shared>);

#[derive(Default)]
struct Shared {
    waiting: Mutex<Vec<u8>>,
    wake: Condvar,
    broken: AtomicBool,
    stop: AtomicBool,
    done: Mutex<bool>,
    changed: Condvar,
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, Vec<u8>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stop(&self) {
        // Under the lock, so that a writer about to wait sees it or is woken.
        let _waiting = self.waiting();
        self.stop.store(true, Relaxed);
        self.wake.notify_one();
    }
}

impl LogTape {
    /// Starts the writing thread. `zero` is now, `zero_us` the microseconds from the start of the recording to now.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(log: LogWriter, zero: Instant, zero_us: u64) -> io::Result<(Self, Reel)> {
        let shared = Arc::new(Shared::default());
        let for_thread = Arc::clone(&shared);
        // It moves bytes and calls the cipher and the disk: a small stack will do, and there is one per participant.
        std::thread::Builder::new().name("rtp-log".into()).stack_size(256 * 1024).spawn(move || write_all(log, &for_thread))?;
        Ok((Self { shared: Arc::clone(&shared), zero, zero_us, known: HashMap::new(), lost_audio: 0, lost_video: 0 }, Reel(shared)))
    }

    fn since_start(&self, at: Instant) -> u64 {
        self.zero_us + u64::try_from(at.saturating_duration_since(self.zero).as_micros()).unwrap_or(u64::MAX / 2)
    }

    /// Whether there was room for it below `limit`.
    fn put(&self, at_us: u64, entry: Entry, limit: usize) -> bool {
        if self.shared.stop.load(Relaxed) || self.shared.broken.load(Relaxed) {
            return false;
        }
        let mut waiting = self.shared.waiting();
        if waiting.len() >= limit {
            return false;
        }
        let was_early = waiting.len() >= EARLY;
        Record { at_us, entry }.write(&mut waiting);
        let is_early = waiting.len() >= EARLY;
        drop(waiting);
        if is_early && !was_early {
            self.shared.wake.notify_one();
        }
        true
    }
}

impl Drop for LogTape {
    fn drop(&mut self) {
        self.shared.stop();
    }
}

impl Tape for LogTape {
    fn packet(&mut self, packet: &Packet) {
        let at_us = self.since_start(packet.at);
        let lost = Entry::Lost { audio: self.lost_audio, video: self.lost_video };
        if self.lost_audio + self.lost_video > 0 && self.put(at_us, lost, VIDEO_LIMIT) {
            (self.lost_audio, self.lost_video) = (0, 0);
        }
        let limit = if packet.kind == Kind::Audio { CAPACITY } else { VIDEO_LIMIT };
        let name = (packet.ssrc, packet.payload_type);
        let is_known = self.known.get(&name).is_some_and(|last| packet.at.saturating_duration_since(*last) < AGAIN);
        if !is_known && self.put(at_us, stream(packet), CAPACITY) {
            self.known.insert(name, packet.at);
        }
        let entry = Entry::Packet {
            payload_type: packet.payload_type,
            marker: packet.marker,
            sequence: packet.sequence,
            timestamp: packet.timestamp,
            ssrc: packet.ssrc,
            payload: Arc::clone(&packet.payload),
        };
        if !self.put(at_us, entry, limit) {
            match packet.kind {
                Kind::Audio => self.lost_audio += 1,
                Kind::Video => self.lost_video += 1,
            }
        }
    }

    fn report(&mut self, report: &Report) {
        let entry = Entry::Report { ssrc: report.ssrc, sender_us: report.sender_us, timestamp: report.timestamp };
        // A report left out is made good by the next one.
        let _ = self.put(self.since_start(report.at), entry, CAPACITY);
    }

    fn is_broken(&self) -> bool {
        self.shared.broken.load(Relaxed)
    }
}

impl Reel {
    /// Asks the writing thread to write what waits and to close the log, even if the tape is still held.
    pub fn stop(&self) {
        self.0.stop();
    }

    /// Waits until the log is closed (or was given up); whether it is.
    pub fn wait(&self, at_most: Duration) -> bool {
        let done = self.0.done.lock().unwrap_or_else(PoisonError::into_inner);
        *self.0.changed.wait_timeout_while(done, at_most, |done| !*done).unwrap_or_else(PoisonError::into_inner).0
    }
}

fn write_all(mut log: LogWriter, shared: &Shared) {
    if let Err(error) = take_all(&mut log, shared).and_then(|()| log.close()) {
        tracing::error!(error = %error, "a recording cannot be written");
        shared.broken.store(true, Relaxed);
    }
    *shared.done.lock().unwrap_or_else(PoisonError::into_inner) = true;
    shared.changed.notify_all();
}

/// Takes what waits until told to stop, and then what is left.
fn take_all(log: &mut LogWriter, shared: &Shared) -> io::Result<()> {
    let mut taken = Vec::new();
    loop {
        let is_quiet = |waiting: &mut Vec<u8>| waiting.len() < EARLY && !shared.stop.load(Relaxed);
        let (mut waiting, _) = shared.wake.wait_timeout_while(shared.waiting(), EVERY, is_quiet).unwrap_or_else(PoisonError::into_inner);
        let is_over = shared.stop.load(Relaxed);
        std::mem::swap(&mut *waiting, &mut taken);
        drop(waiting);
        if taken.is_empty() {
            log.tick()?;
        } else {
            log.append(&taken)?;
        }
        if is_over {
            return Ok(());
        }
        taken.clear();
    }
}

fn stream(first: &Packet) -> Entry {
    let codec = match first.kind {
        Kind::Audio if first.is_red => "red",
        Kind::Audio => "opus",
        Kind::Video => "vp8",
    };
    Entry::Stream { ssrc: first.ssrc, payload_type: first.payload_type, clock_rate: first.kind.clock_rate(), codec: codec.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    fn packet(kind: Kind, sequence: u16, bytes: usize) -> Packet {
        let (ssrc, payload) = (u32::from(kind == Kind::Video), vec![1; bytes].into());
        Packet { at: Instant::now(), kind, payload_type: 96, is_red: false, marker: true, sequence, timestamp: 0, ssrc, payload }
    }

    #[test]
    fn a_full_disk_breaks_the_tape_and_it_says_so() {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let (mut tape, reel) = LogTape::start(LogWriter::on(full), Instant::now(), 0).unwrap();
        let patience = Instant::now() + Duration::from_secs(20);
        while !tape.is_broken() {
            tape.packet(&packet(Kind::Audio, 1, 200));
            assert!(Instant::now() < patience, "a write that fails is noticed");
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(reel.wait(Duration::from_secs(5)), "the writing thread has ended");
        tape.packet(&packet(Kind::Video, 2, 200));
        assert!(tape.is_broken());
    }

    #[test]
    fn a_disk_that_stands_still_costs_pictures_first_and_never_the_media_thread() {
        // A pipe nobody reads: the writing thread stands in its first write.
        let (held, stuck) = nix::unistd::pipe().unwrap();
        let (mut tape, _reel) = LogTape::start(LogWriter::on(File::from(stuck)), Instant::now(), 0).unwrap();
        tape.packet(&packet(Kind::Video, 0, 200_000));
        std::thread::sleep(Duration::from_secs(1));
        let began = Instant::now();
        for number in 1..8_000 {
            tape.packet(&packet(Kind::Video, number, 1_000));
            if number % 8 == 0 {
                tape.packet(&packet(Kind::Audio, number, 100));
            }
        }
        assert!(began.elapsed() < Duration::from_secs(5), "nobody waited for the disk");
        assert!(tape.lost_video > 3_000, "{} pictures were left out", tape.lost_video);
        assert_eq!(tape.lost_audio, 0, "the sound had room");
        drop(held);
    }
}
