//! Calls without a queue and without browsers: files brought to the door of a call, pages on live sockets.

use std::{net::SocketAddr, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, client::IntoClientRequest, protocol::frame::coding::CloseCode},
};
use visavis::{
    base::{
        Pii,
        id::{CallId, DossierId, Id, StaffId, TicketId},
    },
    engine::sfu::{SfuEvent, What},
    journey::call::{Opening, wire::Party},
    registry::{
        audit::Actor,
        dossier::{self, Step},
        outbox::{Consumer, DomainEvent},
    },
};

use super::{Answer, Person, TestHouse};

/// An offer a browser could make; nobody answers at its end.
pub fn offer() -> String {
    include_str!("offer.sdp").replace('\n', "\r\n")
}

/// A call under way.
pub struct Room {
    /// The call.
    pub call: CallId,
    /// Its customer.
    pub customer: Person<DossierId>,
}

impl TestHouse {
    /// A customer whose file was confirmed under this name and number, and accepted by `agent`: the call has just begun.
    pub async fn call(&self, agent: &Person<StaffId>, name: &str, number: &str) -> Room {
        let dossier = self.confirmed(name, number).await;
        let call = self.accept(agent, dossier).await;
        Room { call, customer: self.customer_of(dossier).await }
    }

    /// A call that is live, with its agent.
    pub async fn live_call(&self) -> (Person<StaffId>, Room) {
        let lan = self.agent("lan").await;
        let room = self.call(&lan, "Nguyễn Văn A", "C1234567").await;
        self.live(room.call).await;
        (lan, room)
    }

    /// A confirmed file: what stands on its form, and where its customer is reached.
    pub async fn confirmed(&self, name: &str, number: &str) -> DossierId {
        let customer = self.customer().await;
        self.post("/api/v1/application/document").by(&customer).json(&json!({ "kind": "passport" })).send().await;
        let (db, ambient, actor) = (&self.house.db, &self.engines.ambient, Actor::Customer(customer.id));
        let mut tx = db.begin().await.unwrap();
        let mut file = dossier::find_in(&mut tx, customer.id).await.unwrap().unwrap();
        file = dossier::describe(&mut tx, ambient, &file, |file| {
            file.holder_name = Some(Pii::new(name.to_owned()));
            file.document_number = Some(Pii::new(number.to_owned()));
            file.birth_date = Some(Pii::new("1990-03-03".to_owned()));
            file.email = Some(Pii::new("mau@example.org".to_owned()));
            file.phone = Some(Pii::new("+84901234567".to_owned()));
        })
        .await
        .unwrap();
        for step in [Step::TypeMyself, Step::Confirm] {
            file = dossier::advance(&mut tx, ambient, &file, step, actor, json!({})).await.unwrap();
        }
        let put = "insert into details (dossier_id, name, value, is_edited, doubtful, updated_at) values ($1, $2, $3, 0, 0, 0)";
        for (field, value) in [("number", number), ("full_name", name), ("birth_date", "1990-03-03"), ("expiry_date", "2031-05-06")] {
            tx.execute(put, &[customer.id.into(), field.into(), value.into()]).await.unwrap();
        }
        tx.commit().await.unwrap();
        customer.id
    }

    /// What the queue does when an agent accepts.
    pub async fn accept(&self, agent: &Person<StaffId>, id: DossierId) -> CallId {
        let ambient = &self.engines.ambient;
        let mut tx = self.house.db.begin().await.unwrap();
        let mut file = dossier::find_in(&mut tx, id).await.unwrap().unwrap();
        for step in [Step::Enqueue, Step::Accept] {
            file = dossier::advance(&mut tx, ambient, &file, step, Actor::System, json!({})).await.unwrap();
        }
        let opening = Opening { ticket: ambient.id::<TicketId>(), dossier: id, agent: agent.id };
        let call = self.house.calls.open(&mut tx, opening).await.unwrap();
        tx.commit().await.unwrap();
        call
    }

    /// What the SFU tells of one end.
    pub async fn media(&self, call: CallId, party: Party, what: What) {
        let seat = u8::from(party == Party::Agent);
        self.house.calls.media_event(SfuEvent { room: call.uuid().as_u128(), seat, what }).await.unwrap();
        self.deliver().await;
    }

    /// Both ends have media.
    pub async fn live(&self, call: CallId) {
        self.media(call, Party::Customer, What::Connected).await;
        self.media(call, Party::Agent, What::Connected).await;
    }

    /// Looks after calls now, as the loop does every second.
    pub async fn look_after_calls(&self) {
        self.house.calls.tick().await.unwrap();
        self.deliver().await;
    }

    /// Has the agent ask for a check of a kind of the agent's own choice.
    pub async fn ask_for(&self, call: CallId, agent: &Person<StaffId>, kind: &str) -> Answer {
        self.post(&format!("/api/v1/calls/{call}/checks")).by(agent).json(&json!({ "kind": kind, "because": "technical" })).send().await
    }

    /// Judges a check.
    pub async fn judge(&self, check: &str, agent: &Person<StaffId>, verdict: &str, reason: Option<&str>) -> Answer {
        let verdict = json!({ "verdict": verdict, "reason": reason });
        self.post(&format!("/api/v1/checks/{check}/verdict")).by(agent).json(&verdict).send().await
    }

    /// The customer does what only a customer can for a check: types the code, answers right, says where.
    pub async fn answer(&self, call: CallId, agent: &Person<StaffId>, asked: &Value) {
        let check = asked["id"].as_str().unwrap();
        let dossier = self.house.calls.find(call).await.unwrap().unwrap().dossier;
        match asked["kind"].as_str().unwrap() {
            "code" => {
                let typed = json!({ "code": self.code_sent(check, 1) });
                let view = self.post("/api/v1/call/code").by(&self.customer_of(dossier).await).json(&typed).send().await.expect(200).json();
                assert_eq!(view["state"], "matched");
            }
            "questions" => {
                let sheet = self.get(&format!("/api/v1/checks/{check}/sheet")).by(agent).send().await.expect(200).json();
                for line in sheet["questions"].as_array().unwrap() {
                    let path = format!("/api/v1/checks/{check}/questions/{}", line["question"].as_str().unwrap());
                    self.put(&path).by(agent).json(&json!({ "mark": "right" })).send().await.expect(204);
                }
            }
            "location" => {
                let place = json!({ "outcome": "given", "latitude": 10.776, "longitude": 106.701, "accuracy_m": 12.5 });
                self.post("/api/v1/call/place").by(&self.customer_of(dossier).await).json(&place).send().await.expect(204);
            }
            _ => {}
        }
    }

    /// The figures of the code that was sent as the `serial`th of a check, as they lie on the way out.
    pub fn code_sent(&self, check: &str, serial: u32) -> String {
        let place = self.settings.storage.data.join(format!("notify/sms-code-{check}-{serial}.txt"));
        let text = std::fs::read_to_string(place).unwrap();
        text.split(|letter: char| !letter.is_ascii_digit()).find(|figures| figures.len() == 6).unwrap().to_owned()
    }

    /// Decides on a file.
    pub async fn decide<I>(&self, id: DossierId, by: &Person<I>, body: &Value) -> Answer {
        self.post(&format!("/api/v1/dossiers/{id}/decision")).by(by).json(body).send().await
    }

    /// Asks for a check, files a still, judges it.
    pub async fn check(&self, call: CallId, agent: &Person<StaffId>, kind: &str, verdict: &str, reason: Option<&str>) -> Value {
        let asked = self.ask_for(call, agent, kind).await.expect(201).json();
        self.judge(asked["id"].as_str().unwrap(), agent, verdict, reason).await.expect(200).json()
    }

    /// Presses Go until nothing is left, passing everything; what was drawn.
    pub async fn pass_all_checks(&self, call: CallId, agent: &Person<StaffId>) -> Vec<String> {
        let mut drawn = Vec::new();
        loop {
            let asked = self.post(&format!("/api/v1/calls/{call}/checks")).by(agent).json(&json!({})).send().await;
            if asked.status == 409 {
                assert_eq!(asked.code(), "nothing_left");
                return drawn;
            }
            let asked = asked.expect(201).json();
            self.answer(call, agent, &asked).await;
            self.judge(asked["id"].as_str().unwrap(), agent, "passed", None).await.expect(200);
            drawn.push(asked["kind"].as_str().unwrap().to_owned());
        }
    }

    /// Puts the router behind a loopback listener for as long as the test runs.
    pub async fn listen(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = self.router().into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        address
    }
}

/// A page's live socket.
pub struct Page(WebSocketStream<TcpStream>);

impl Page {
    /// Opens the live socket of a person and hears its hello.
    pub async fn open<I>(at: SocketAddr, path: &str, person: &Person<I>) -> Self {
        let mut page = Self::try_open(at, path, &person.cookie, &format!("http://{at}")).await.unwrap();
        assert_eq!(page.hear().await["type"], "hello");
        page
    }

    /// Opens a live socket; the status when the server refuses.
    pub async fn try_open(at: SocketAddr, path: &str, cookie: &str, origin: &str) -> Result<Self, u16> {
        let mut request = format!("ws://{at}{path}").into_client_request().unwrap();
        request.headers_mut().insert("origin", origin.parse().unwrap());
        request.headers_mut().insert("cookie", cookie.parse().unwrap());
        let stream = TcpStream::connect(at).await.unwrap();
        match tokio_tungstenite::client_async(request, stream).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Says something.
    pub async fn say(&mut self, command: Value) {
        self.say_text(command.to_string()).await;
    }

    /// Says any text.
    pub async fn say_text(&mut self, text: String) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    /// Says bytes.
    pub async fn say_bytes(&mut self, bytes: Vec<u8>) {
        self.0.send(Message::binary(bytes)).await.unwrap();
    }

    /// The next message; fails after five seconds.
    #[track_caller]
    pub fn hear(&mut self) -> impl Future<Output = Value> {
        let place = std::panic::Location::caller();
        async move {
            match self.next().await {
                Some(Message::Text(text)) => serde_json::from_str(&text).unwrap(),
                other => panic!("{place}: heard {other:?}"),
            }
        }
    }

    /// The next message of this type; others are left aside.
    #[track_caller]
    pub fn hear_of(&mut self, kind: &str) -> impl Future<Output = Value> {
        let place = std::panic::Location::caller();
        async move {
            let mut heard = Vec::new();
            loop {
                match self.next().await {
                    Some(Message::Text(text)) => {
                        let message: Value = serde_json::from_str(&text).unwrap();
                        if message["type"] == kind {
                            return message;
                        }
                        heard.push(message);
                    }
                    other => panic!("{place}: waited for {kind}, heard {heard:?} and then {other:?}"),
                }
            }
        }
    }

    /// How the server closes, everything before it left aside.
    pub async fn hear_close(&mut self) -> u16 {
        loop {
            match self.next().await {
                Some(Message::Close(Some(frame))) => return u16::from(frame.code),
                Some(Message::Close(None)) | None => return CloseCode::Abnormal.into(),
                Some(_) => {}
            }
        }
    }

    /// Closes the page as a browser does.
    pub async fn close(mut self) {
        self.0.close(None).await.unwrap();
        while self.next().await.is_some() {}
    }

    async fn next(&mut self) -> Option<Message> {
        let next = tokio::time::timeout(Duration::from_secs(5), self.0.next());
        next.await.expect("nothing was said for five seconds").and_then(Result::ok)
    }
}

/// Waits until `done` says yes, for five seconds at most; the last no says why.
pub async fn eventually<F: Future<Output = Result<(), String>>>(mut done: impl FnMut() -> F) {
    let mut last = String::new();
    for _ in 0..250 {
        match done().await {
            Ok(()) => return,
            Err(why) => last = why,
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("never happened: {last}");
}

/// Every event that waits in the outbox, taken out of it.
pub async fn heard_events(house: &TestHouse) -> Vec<DomainEvent> {
    #[derive(Default)]
    struct Ear(std::sync::Mutex<Vec<DomainEvent>>);
    #[async_trait::async_trait]
    impl Consumer for Ear {
        async fn consume(&self, event: &DomainEvent) -> Result<(), visavis::base::db::DbError> {
            self.0.lock().unwrap().push(event.clone());
            Ok(())
        }
    }
    let ear = std::sync::Arc::new(Ear::default());
    house.house.relay.deliver(&[std::sync::Arc::clone(&ear) as std::sync::Arc<dyn Consumer>]).await.unwrap();

    ear.0.lock().unwrap().clone()
}
