//! The probe's peer, which is on a stack that is not ours, playing clips over real sockets on loopback.

use std::{
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    time::Duration,
};

pub use visavis::probe::Kind;
use visavis::probe::{self, Route};

use super::clip::Clip;

/// A participant.
pub struct Peer {
    peer: probe::Peer,
    /// How many packets of each kind and how many clips were sent: numbers go on from there.
    sent: [AtomicU32; 3],
}

impl Peer {
    /// A participant that will send from `ssrc` (sound) and `ssrc + 1` (pictures).
    pub async fn new(ssrc: u32) -> Self {
        Self::by(ssrc, Route::Udp).await
    }

    /// The same over another way.
    pub async fn by(ssrc: u32, route: Route) -> Self {
        Self { peer: probe::Peer::new(ssrc, [127, 0, 0, 1].into(), route).await.unwrap(), sent: Default::default() }
    }

    /// Its offer, with candidates.
    pub async fn offer(&self) -> String {
        self.peer.offer().await.unwrap()
    }

    /// Takes the answer and waits until packets can flow.
    pub async fn answered(&self, answer: String) {
        self.peer.answered(&answer).await.unwrap();
    }

    /// Sequence numbers that came in, in order of arrival.
    pub fn heard(&self, kind: Kind) -> Vec<u16> {
        self.peer.inbox.of(kind).into_iter().map(|packet| packet.sequence).collect()
    }

    /// Sends a clip at its own pace; the numbers of packets sent, sound and picture.
    pub async fn play(&self, clip: &Clip) -> (usize, usize) {
        let start = tokio::time::Instant::now();
        let mut sounds = (0_u32..).zip(&clip.sounds).peekable();
        let mut pictures = (0_u32..).zip(&clip.pictures).peekable();
        let [audio_before, video_before, clips] = &self.sent;
        let (mut audio, mut video, again) = (0, 0, clips.fetch_add(1, Relaxed));
        let number = |before: &AtomicU32, i: u32| u16::try_from(5_000 + before.load(Relaxed) + i).unwrap();
        while sounds.peek().is_some() || pictures.peek().is_some() {
            let now = start.elapsed();
            while let Some((i, sound)) = sounds.next_if(|(i, _)| Duration::from_millis(20) * *i <= now) {
                self.peer.send(Kind::Audio, number(audio_before, audio), again * 960_000 + 960 * i, false, sound.clone()).await;
                audio += 1;
            }
            while let Some((i, picture)) = pictures.next_if(|(i, _)| Duration::from_secs((*i).into()) / 30 <= now) {
                let payloads = Clip::payloads(picture);
                let last = payloads.len() - 1;
                for (part, payload) in payloads.into_iter().enumerate() {
                    self.peer.send(Kind::Video, number(video_before, video), again * 1_800_000 + 3_000 * i, part == last, payload).await;
                    video += 1;
                }
            }
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        audio_before.fetch_add(audio, Relaxed);
        video_before.fetch_add(video, Relaxed);
        (audio as usize, video as usize)
    }

    /// Sends one sound of a clip, the next after the one with the number before.
    pub async fn hum(&self, number: u16, clip: &Clip) {
        let sound = clip.sounds[usize::from(number) % clip.sounds.len()].clone();
        self.peer.send(Kind::Audio, number, u32::from(number) * 960, false, sound).await;
    }

    /// Sends one picture of a clip in packets from `first` on; the number after them.
    pub async fn show(&self, picture: u32, first: u16, clip: &Clip) -> u16 {
        let payloads = Clip::payloads(&clip.pictures[picture as usize % clip.pictures.len()]);
        let last = payloads.len() - 1;
        let mut number = first;
        for (part, payload) in payloads.into_iter().enumerate() {
            self.peer.send(Kind::Video, number, picture * 3_000, part == last, payload).await;
            number = number.wrapping_add(1);
        }
        number
    }

    /// Goes without a word, like a browser that was killed.
    pub async fn close(&self) {
        self.peer.close().await;
    }
}
