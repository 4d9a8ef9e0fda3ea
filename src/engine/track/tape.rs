//! Puts what the SFU hears on disk, off the media thread.

use std::{
    collections::HashSet,
    io,
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    },
    time::{Duration, Instant},
};

use super::log::{Entry, Record};
use crate::engine::{
    sfu::{Kind, Packet, Report, Tape},
    vault::LogWriter,
};

/// Records that may wait for the disk: 25 s of one participant.
const CAPACITY: usize = 4096;
/// From here on pictures are left out, so that the sound is kept.
const VIDEO_LIMIT: usize = CAPACITY * 3 / 4;

/// The media thread's end: a queue into the writing thread. When the disk is too slow pictures are left out first, and
/// what was left out is counted in the log. Dropped, it closes the log.
pub struct LogTape {
    queue: SyncSender<Record>,
    shared: Arc<Shared>,
    zero: Instant,
    zero_us: u64,
    known: HashSet<u32>,
    lost_audio: u32,
    lost_video: u32,
}

/// The other end of a [`LogTape`]: to end it from outside and to know when the log is whole.
#[derive(Clone)]
pub struct Reel(Arc<Shared>);

#[derive(Default)]
struct Shared {
    waiting: AtomicUsize,
    broken: AtomicBool,
    stop: AtomicBool,
    done: Mutex<bool>,
    changed: Condvar,
}

impl LogTape {
    /// Starts the writing thread. `zero` is now, `zero_us` the microseconds from the start of the recording to now.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(log: LogWriter, zero: Instant, zero_us: u64) -> io::Result<(Self, Reel)> {
        let (queue, records) = sync_channel(CAPACITY);
        let shared = Arc::new(Shared::default());
        let for_thread = Arc::clone(&shared);
        std::thread::Builder::new().name("rtp-log".into()).spawn(move || write_all(log, &records, &for_thread))?;
        Ok((Self { queue, shared: Arc::clone(&shared), zero, zero_us, known: HashSet::new(), lost_audio: 0, lost_video: 0 }, Reel(shared)))
    }

    fn since_start(&self, at: Instant) -> u64 {
        self.zero_us + u64::try_from(at.saturating_duration_since(self.zero).as_micros()).unwrap_or(u64::MAX / 2)
    }

    fn put(&self, at_us: u64, entry: Entry, limit: usize) -> bool {
        if self.shared.waiting.load(Relaxed) >= limit {
            return false;
        }
        self.shared.waiting.fetch_add(1, Relaxed);
        match self.queue.try_send(Record { at_us, entry }) {
            Ok(()) => true,
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                self.shared.waiting.fetch_sub(1, Relaxed);
                false
            }
        }
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
        if !self.known.contains(&packet.ssrc) && self.put(at_us, stream(packet), CAPACITY) {
            self.known.insert(packet.ssrc);
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
        self.0.stop.store(true, Relaxed);
    }

    /// Waits until the log is closed (or was given up); whether it is.
    pub fn wait(&self, at_most: Duration) -> bool {
        let done = self.0.done.lock().unwrap_or_else(PoisonError::into_inner);
        *self.0.changed.wait_timeout_while(done, at_most, |done| !*done).unwrap_or_else(PoisonError::into_inner).0
    }
}

fn write_all(mut log: LogWriter, records: &Receiver<Record>, shared: &Shared) {
    if let Err(error) = take_records(&mut log, records, shared).and_then(|()| log.close()) {
        tracing::error!(error = %error, "a recording cannot be written");
        shared.broken.store(true, Relaxed);
    }
    *shared.done.lock().unwrap_or_else(PoisonError::into_inner) = true;
    shared.changed.notify_all();
}

fn take_records(log: &mut LogWriter, records: &Receiver<Record>, shared: &Shared) -> io::Result<()> {
    loop {
        match records.recv_timeout(Duration::from_millis(100)) {
            Ok(record) => append(log, &record, shared)?,
            Err(RecvTimeoutError::Timeout) => log.tick()?,
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        if shared.stop.load(Relaxed) {
            return records.try_iter().take(CAPACITY).try_for_each(|record| append(log, &record, shared));
        }
    }
}

fn append(log: &mut LogWriter, record: &Record, shared: &Shared) -> io::Result<()> {
    shared.waiting.fetch_sub(1, Relaxed);
    let mut bytes = Vec::with_capacity(1300);
    record.write(&mut bytes);
    log.append(&bytes)
}

fn stream(first: &Packet) -> Entry {
    let codec = match first.kind {
        Kind::Audio => "opus",
        Kind::Video => "vp8",
    };
    Entry::Stream { ssrc: first.ssrc, payload_type: first.payload_type, clock_rate: first.kind.clock_rate(), codec: codec.to_owned() }
}
