//! Live sockets: one task per page. Pushes of the hub go out, commands of the page come in and are handed to a door.
//! The protocol is written down in `journey/call/PROTOCOL.md`.
//!
//! A page that talks nonsense is told so and, the third time, cut off; one that is silent for 20 s is gone; one that
//! reads too slowly is closed so that it comes back and reads the state anew. A panic ends one socket, never the server.

mod pace;
mod pages;

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use axum::{
    extract::{
        State,
        ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade},
    },
    response::Response,
};
use futures_util::FutureExt;
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::Instant,
};

pub use pages::Pages;

use self::pace::Pace;
use super::{
    Failure, House,
    doorway::{ANY_ACCOUNT, ANY_ROLE, Access, Doorway},
    session::{Customer, Signed},
};
use crate::{
    base::id::{CallId, SessionId},
    journey::call::{
        CallError, Takeover, Who,
        quality::Sample,
        stills::CameraNews,
        wire::{CallPush, LiveCommand},
    },
    registry::{outbox::Topic, staff::Role},
};

/// Largest message of a page, in bytes.
const MESSAGE: usize = 64 * 1024;
/// After this long without a word the page is gone.
const SILENCE: Duration = Duration::from_secs(20);
/// How often it is looked whether the session still lives.
const SESSION_LOOK: Duration = Duration::from_secs(60);

/// The page fell behind: come back and read the state anew.
const CLOSE_BEHIND: u16 = 4000;
/// The session ended.
const CLOSE_SIGNED_OUT: u16 = 4001;
/// Nothing was heard for 20 s.
const CLOSE_SILENT: u16 = 4008;
/// Too much nonsense (RFC 6455 §7.4.1).
const CLOSE_POLICY: u16 = 1008;
/// Something broke inside (RFC 6455 §7.4.1).
const CLOSE_INTERNAL: u16 = 1011;

/// Its part of the table.
pub fn doorways() -> Vec<Doorway> {
    vec![Doorway::socket("/api/v1/live/customer", Access::Customer, customer), Doorway::socket("/api/v1/live/staff", Access::Staff(ANY_ACCOUNT), staff)]
}

async fn customer(State(house): State<House>, customer: Customer, upgrade: WebSocketUpgrade) -> Response {
    let page = Page { who: Who::Customer(customer.dossier), session: None, takes_calls: false, topics: vec![Topic::Customer(customer.dossier)] };
    accept(house, page, upgrade)
}

async fn staff(State(house): State<House>, signed: Signed, upgrade: WebSocketUpgrade) -> Response {
    // A probe hears of its own calls only.
    let console = signed.has_any(ANY_ROLE).then_some(Topic::Console);
    let page = Page {
        who: Who::Agent(signed.id),
        session: Some(signed.session),
        takes_calls: signed.has_any(&[Role::Agent, Role::Probe]),
        topics: std::iter::once(Topic::Staff(signed.id)).chain(console).collect(),
    };
    accept(house, page, upgrade)
}

struct Page {
    who: Who,
    session: Option<SessionId>,
    takes_calls: bool,
    topics: Vec<Topic>,
}

/// Twice the largest message is read at all, so that a page that says slightly too much hears why.
fn accept(house: House, page: Page, upgrade: WebSocketUpgrade) -> Response {
    upgrade.max_message_size(2 * MESSAGE).max_frame_size(2 * MESSAGE).on_upgrade(move |socket| async move {
        let who = page.who;
        house.pages.enter(who, || tell(&house, &page, true)).await;
        if AssertUnwindSafe(talk(&house, &page, socket)).catch_unwind().await.is_err() {
            tracing::error!("a live socket ended in a panic");
        }
        house.pages.leave(who, || tell(&house, &page, false)).await;
    })
}

async fn tell(house: &House, page: &Page, is_online: bool) {
    match page.who {
        Who::Customer(_) => {}
        Who::Agent(_) if page.takes_calls => {}
        Who::Agent(_) => return,
    }
    match page.who {
        Who::Customer(dossier) => house.queue.customer_online(dossier, is_online),
        Who::Agent(agent) => house.queue.staff_online(agent, is_online),
    }
    let is_elsewhere = match page.who {
        Who::Customer(dossier) => house.queue.is_customer_online(dossier),
        Who::Agent(agent) => house.queue.is_staff_online(agent),
    };
    if !is_online && is_elsewhere {
        // Another server has a page of this person.
        return;
    }
    if let Err(error) = house.calls.online(page.who, is_online).await {
        tracing::warn!(error = %error, "a call was not told that a page opened or closed");
    }
}

/// Why a socket is closed from our side.
struct Bye(u16, &'static str);

async fn talk(house: &House, page: &Page, mut socket: WebSocket) {
    let bye = Talk::new(house, page).run(&mut socket).await;
    if let Some(Bye(code, reason)) = bye {
        let goodbye = socket.send(Message::Close(Some(CloseFrame { code, reason: reason.into() })));
        drop(tokio::time::timeout(Duration::from_secs(2), goodbye).await);
    }
}

struct Talk<'a> {
    house: &'a House,
    page: &'a Page,
    pushes: Vec<broadcast::Receiver<Arc<str>>>,
    takeovers: broadcast::Receiver<Takeover>,
    /// The call this very page is in.
    joined: Option<(CallId, i64)>,
    pace: Pace,
    opened: Instant,
    heard: Instant,
}

impl<'a> Talk<'a> {
    fn new(house: &'a House, page: &'a Page) -> Self {
        let now = Instant::now();
        Self {
            house,
            page,
            pushes: page.topics.iter().map(|topic| house.hub.subscribe(*topic)).collect(),
            takeovers: house.calls.takeovers(),
            joined: None,
            pace: Pace::new(),
            opened: now,
            heard: now,
        }
    }

    /// Talks until the page goes (`None`) or is sent away.
    async fn run(&mut self, socket: &mut WebSocket) -> Option<Bye> {
        say(socket, &CallPush::Hello { run: self.house.nodes.run().to_owned(), server_time: self.house.ambient.now() }).await?;
        let mut session_look = tokio::time::interval_at(self.opened + SESSION_LOOK, SESSION_LOOK);
        loop {
            tokio::select! {
                message = socket.recv() => match message {
                    None | Some(Err(_) | Ok(Message::Close(_))) => return None,
                    Some(Ok(message)) => {
                        self.heard = Instant::now();
                        if let Some(bye) = self.hear(socket, message).await? { return Some(bye) }
                    }
                },
                push = next(&mut self.pushes) => match push {
                    Ok(text) => socket.send(Message::text(text.as_ref())).await.ok()?,
                    Err(RecvError::Lagged(_)) => return Some(Bye(CLOSE_BEHIND, "behind")),
                    Err(RecvError::Closed) => return Some(Bye(CLOSE_INTERNAL, "stopping")),
                },
                takeover = self.takeovers.recv() => if let Ok(takeover) = takeover { self.hear_takeover(socket, takeover).await? },
                () = tokio::time::sleep_until(self.heard + SILENCE) => return Some(Bye(CLOSE_SILENT, "silent")),
                _ = session_look.tick() => if !self.is_signed_in().await { return Some(Bye(CLOSE_SIGNED_OUT, "signed_out")) },
            }
        }
    }

    /// A session that cannot be looked up for now counts as alive.
    async fn is_signed_in(&self) -> bool {
        match self.page.session {
            Some(session) => self.house.staff.keep_alive(session).await.unwrap_or(true),
            None => true,
        }
    }

    async fn hear_takeover(&mut self, socket: &mut WebSocket, takeover: Takeover) -> Option<()> {
        let Takeover { call, party, epoch } = takeover;
        if party == self.page.who.party() && self.joined.is_some_and(|(joined, with)| joined == call && with < epoch) {
            self.joined = None;
            say(socket, &CallPush::Superseded { call_id: call }).await?;
        }
        Some(())
    }

    /// `None` when the page is gone, `Some(Some(bye))` when it is sent away.
    async fn hear(&mut self, socket: &mut WebSocket, message: Message) -> Option<Option<Bye>> {
        let text = match message {
            Message::Text(text) if text.len() <= MESSAGE => text,
            Message::Text(_) => return self.strike(socket, "too_large", "the message is too large").await,
            Message::Binary(_) => return self.strike(socket, "malformed", "messages are JSON texts").await,
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => return Some(None),
        };
        if !self.pace.message(self.opened.elapsed()) {
            return self.strike(socket, "limited", "too many messages").await;
        }
        // What the parser says is not passed on: it may quote what a person typed.
        let Ok(command) = serde_json::from_str::<LiveCommand>(&text) else {
            return self.strike(socket, "malformed", "the message is none of the protocol").await;
        };
        match self.obey(socket, command).await? {
            Ok(()) => {}
            Err(failure) => refuse(socket, failure.code, &failure.message).await?,
        }
        Some(None)
    }

    async fn strike(&mut self, socket: &mut WebSocket, code: &str, message: &str) -> Option<Option<Bye>> {
        refuse(socket, code, message).await?;
        Some(self.pace.strike().then_some(Bye(CLOSE_POLICY, "too_much_nonsense")))
    }

    async fn obey(&mut self, socket: &mut WebSocket, command: LiveCommand) -> Option<Result<(), Failure>> {
        let (calls, who) = (&self.house.calls, self.page.who);
        let done = match command {
            LiveCommand::Ping => {
                say(socket, &CallPush::Pong).await?;
                Ok(())
            }
            LiveCommand::Offer { call_id, epoch, sdp } => {
                if !self.pace.offer(self.opened.elapsed()) {
                    return Some(Err(Failure::limited(2)));
                }
                match calls.join(who, call_id, epoch, sdp).await {
                    Ok(sdp) => {
                        self.joined = Some((call_id, epoch));
                        say(socket, &CallPush::Answer { call_id, epoch, sdp }).await?;
                        Ok(())
                    }
                    Err(CallError::Superseded) => {
                        say(socket, &CallPush::Superseded { call_id }).await?;
                        Ok(())
                    }
                    Err(error) => Err(error),
                }
            }
            LiveCommand::Chat { call_id, text } => calls.say(who, call_id, &text).await,
            LiveCommand::AskCamera { call_id, camera, torch } => calls.ask_camera(who, call_id, camera, torch).await,
            LiveCommand::Camera { call_id, camera, has_torch, torch, trouble } => {
                calls.tell_camera(who, call_id, CameraNews { camera, has_torch, torch, trouble }).await
            }
            LiveCommand::Quality { call_id, rtt_ms, loss, jitter_ms, video_kbps, audio_loss, playout_ms, sent_kbps, freezes, frozen_ms } => {
                let sample = Sample { rtt_ms, loss, jitter_ms, video_kbps, audio_loss, playout_ms, sent_kbps, freezes, frozen_ms };
                calls.report_quality(who, call_id, sample).await
            }
        };
        Some(done.map_err(Failure::from))
    }
}

/// The next push of any topic.
async fn next(pushes: &mut [broadcast::Receiver<Arc<str>>]) -> Result<Arc<str>, RecvError> {
    let waiting = pushes.iter_mut().map(|push| Box::pin(push.recv()));
    futures_util::future::select_all(waiting).await.0
}

async fn refuse(socket: &mut WebSocket, code: &str, message: &str) -> Option<()> {
    say(socket, &CallPush::Refused { code: code.to_owned(), message: message.to_owned() }).await
}

/// `None` when the page is gone.
async fn say(socket: &mut WebSocket, message: &CallPush) -> Option<()> {
    let text = serde_json::to_string(message).expect("wire types serialise");
    socket.send(Message::text(text)).await.ok()
}
