//! One call of a probe with itself, from the first request to the filed recording.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    CallFigures, Kind, Peer, ProbeError, Relay, Route, RouteName, pattern,
    peer::{Arrived, now_us},
    site::{Live, Visitor},
};

/// How long both ends may be without media after the call was opened.
const MEDIA: Duration = Duration::from_secs(20);
/// How long a recording may take to be filed.
const FILING: Duration = Duration::from_secs(120);
/// What is under way arrives within.
const SETTLING: Duration = Duration::from_millis(400);
/// Pictures a second.
const RATE: u32 = 30;

/// Who calls, and how.
pub(super) struct Caller {
    pub(super) visitor: Visitor,
    pub(super) route: RouteName,
    pub(super) seconds: u16,
    pub(super) kbps: u32,
}

/// One end of the call.
struct End {
    peer: Peer,
    live: Live,
}

impl Caller {
    /// Makes the call; `None` when the house offers no such way.
    pub(super) async fn call(mut self) -> Result<Option<CallFigures>, ProbeError> {
        let began = Instant::now();
        let opened = self.visitor.post("/api/v1/probe/calls").await?;
        let id = opened["call_id"].as_str().unwrap_or_default().to_owned();
        let done = self.talk(&id, began).await;
        if matches!(done, Ok(Some(_))) {
            return done;
        }
        // A call that did not work out is cleared away; the one error that counts is the first.
        let _ = self.visitor.delete(&format!("/api/v1/probe/calls/{id}")).await;
        done
    }

    async fn talk(&mut self, id: &str, began: Instant) -> Result<Option<CallFigures>, ProbeError> {
        let (customer, agent) = (self.visitor.get("/api/v1/call").await?, self.visitor.get(&format!("/api/v1/calls/{id}")).await?);
        let Some(route) = self.route(&customer) else { return Ok(None) };
        let local = self.visitor.site.own_address().await?;
        let mut ends = [
            End { peer: Peer::new(1_000, local, route.clone()).await?, live: self.visitor.live("/api/v1/live/customer").await? },
            End { peer: Peer::new(2_000, local, route).await?, live: self.visitor.live("/api/v1/live/staff").await? },
        ];
        let (first, second) = ends.split_at_mut(1);
        let joined = tokio::try_join!(join(&mut first[0], id, &customer), join(&mut second[0], id, &agent));
        let played = match joined {
            Ok(_) => self.play(&ends, began).await,
            Err(error) => Err(error),
        };
        for end in &ends {
            end.peer.close().await;
        }
        self.visitor.post(&format!("/api/v1/calls/{id}/hang-up")).await?;
        let filed = self.filed(id).await;
        let (mut figures, (filed_ms, files)) = (played?, filed?);
        (figures.filed_ms, figures.files) = (filed_ms, files);
        self.visitor.delete(&format!("/api/v1/probe/calls/{id}")).await?;
        Ok(Some(figures))
    }

    fn route(&self, call: &Value) -> Option<Route> {
        match self.route {
            RouteName::Udp => Some(Route::Udp),
            RouteName::Tcp => Some(Route::Tcp),
            RouteName::Turn => relay(&call["ice_servers"]).map(Route::Relay),
        }
    }

    async fn play(&self, ends: &[End; 2], began: Instant) -> Result<CallFigures, ProbeError> {
        let [customer, agent] = [&ends[0].peer, &ends[1].peer];
        let length = Duration::from_secs(self.seconds.into());
        let heard = async {
            let (one, other) = tokio::join!(customer.hears_media(MEDIA), agent.hears_media(MEDIA));
            (one && other).then(|| began.elapsed()).ok_or(ProbeError::TooLate("media did not reach both ends", MEDIA))
        };
        let (from_customer, from_agent, setup) = tokio::join!(send(customer, length, self.kbps), send(agent, length, self.kbps), heard);
        tokio::time::sleep(SETTLING).await;
        let mut figures = CallFigures { setup_ms: setup?.as_secs_f64() * 1e3, ..Default::default() };
        for (peer, sent) in [(agent, from_customer), (customer, from_agent)] {
            for (kind, sent) in [(Kind::Audio, sent.0), (Kind::Video, sent.1)] {
                let arrived = peer.inbox.of(kind);
                let distinct: BTreeSet<u16> = arrived.iter().map(|packet| packet.sequence).collect();
                figures.sent += u64::from(sent);
                // Sequence numbers come round after 65,536; a call that long is counted by packets.
                figures.received += (if sent < 60_000 { distinct.len() } else { arrived.len() } as u64).min(sent.into());
                figures.delays_us.extend(arrived.iter().filter_map(|Arrived { delay_us, .. }| *delay_us));
            }
        }
        Ok(figures)
    }

    /// Waits until the recording is filed: how long that took, and how many files there are.
    async fn filed(&mut self, id: &str) -> Result<(f64, usize), ProbeError> {
        let began = Instant::now();
        while began.elapsed() < FILING {
            let recording = self.visitor.get(&format!("/api/v1/probe/calls/{id}")).await?;
            match recording["state"].as_str() {
                Some("sealed") => {
                    let files = recording["files"].as_array().map_or(0, Vec::len);
                    return Ok((began.elapsed().as_secs_f64() * 1e3, files));
                }
                Some("failed") => return Err(ProbeError::NotFiled("it failed".to_owned())),
                _ => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        }
        Err(ProbeError::TooLate("the recording was not filed", FILING))
    }
}

async fn join(end: &mut End, id: &str, view: &Value) -> Result<(), ProbeError> {
    let offer = end.peer.offer().await?;
    end.live.say(json!({ "type": "offer", "call_id": id, "epoch": view["epoch"], "sdp": offer })).await?;
    let answer = end.live.hears("answer").await?;
    end.peer.answered(answer["sdp"].as_str().unwrap_or_default()).await
}

/// Sends sound and pictures of together about `kbps` for `length`; how many packets, sound and picture.
async fn send(peer: &Peer, length: Duration, kbps: u32) -> (u32, u32) {
    let began = Instant::now();
    let picture_bytes = usize::try_from(u64::from(kbps) * 1_000 / 8 / u64::from(RATE)).unwrap_or(usize::MAX);
    let (mut sounds, mut pictures, mut packets) = (0_u32, 0_u32, 0_u32);
    while began.elapsed() < length {
        let now = began.elapsed();
        while Duration::from_millis(20) * sounds <= now {
            peer.send(Kind::Audio, low(sounds), sounds.wrapping_mul(960), sounds == 0, pattern::sound(now_us())).await;
            sounds += 1;
        }
        while Duration::from_secs(1) * pictures / RATE <= now {
            let payloads = pattern::picture(picture_bytes, now_us());
            let last = payloads.len() - 1;
            for (part, payload) in payloads.into_iter().enumerate() {
                peer.send(Kind::Video, low(packets), pictures.wrapping_mul(90_000 / RATE), part == last, payload).await;
                packets += 1;
            }
            pictures += 1;
        }
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    (sounds, packets)
}

/// RTP sequence numbers are the low 16 bits of a count.
#[expect(clippy::cast_possible_truncation, reason = "RFC 3550 §5.1: sequence numbers wrap")]
fn low(count: u32) -> u16 {
    count as u16
}

/// The first relay of a call's list that can be reached over UDP.
fn relay(servers: &Value) -> Option<Relay> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    servers.as_array()?.iter().find_map(|server| {
        let urls = server["urls"].as_array()?.iter().filter_map(text);
        let urls: Vec<String> = urls.filter(|url| url.starts_with("turn:") && !url.contains("transport=tcp")).collect();
        let relay = Relay { urls, username: text(&server["username"])?, credential: text(&server["credential"])? };
        (!relay.urls.is_empty()).then_some(relay)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_is_one_that_udp_reaches() {
        let servers = json!([
            { "urls": ["stun:a"], "username": null, "credential": null },
            { "urls": ["turns:b:443?transport=tcp", "turn:b:3478?transport=udp", "turn:b:3478?transport=tcp"], "username": "u", "credential": "c" },
        ]);
        let found = relay(&servers).unwrap();
        assert_eq!((found.urls, found.username.as_str(), found.credential.as_str()), (vec!["turn:b:3478?transport=udp".to_owned()], "u", "c"));
        assert!(relay(&json!([])).is_none());
        assert!(relay(&Value::Null).is_none());
    }
}
