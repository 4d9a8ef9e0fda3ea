//! Somebody who talks to the real program: HTTP with a cookie, and a live socket.

use std::{
    io::ErrorKind,
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{self, Message, WebSocket, client::IntoClientRequest};

use super::process::{Site, exchange};

/// A browser without a browser.
pub struct Caller<'a> {
    site: &'a Site,
    /// `name=token`; empty before the first one is set.
    pub cookie: String,
}

/// An open live socket.
pub struct Live(WebSocket<TcpStream>);

impl<'a> Caller<'a> {
    /// Nobody yet.
    pub fn new(site: &'a Site) -> Self {
        Self { site, cookie: String::new() }
    }

    /// One exchange: status and JSON (null when there is none). A cookie that is set is kept.
    pub fn ask(&mut self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let mut stream = TcpStream::connect(self.site.http).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let body = body.map(Value::to_string).unwrap_or_default();
        let cookie = format!("cookie: {}\r\n", self.cookie);
        let answer = exchange(&mut stream, self.site.http, &format!("{method} {path} HTTP/1.1"), &cookie, &body).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        if let Some(set) = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")) {
            set.split(';').next().unwrap().clone_into(&mut self.cookie);
        }
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("no answer to {path}: {answer}"));
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }

    /// `GET` that must succeed.
    #[track_caller]
    pub fn get(&mut self, path: &str) -> Value {
        let (status, body) = self.ask("GET", path, None);
        assert!((200..300).contains(&status), "GET {path}: {status} {body}");
        body
    }

    /// `POST` that must succeed.
    #[track_caller]
    pub fn post(&mut self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.ask("POST", path, Some(body));
        assert!((200..300).contains(&status), "POST {path}: {status} {answer}");
        answer
    }

    /// Opens a live socket.
    pub fn live(&self, path: &str) -> Live {
        let mut request = format!("ws://{}{path}", self.site.http).into_client_request().unwrap();
        request.headers_mut().insert("cookie", self.cookie.parse().unwrap());
        request.headers_mut().insert("origin", format!("http://{}", self.site.http).parse().unwrap());
        let stream = TcpStream::connect(self.site.http).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        let (socket, _) = tungstenite::client(request, stream).unwrap_or_else(|error| panic!("{path}: {error}"));
        Live(socket)
    }
}

impl Live {
    /// Says something.
    pub fn say(&mut self, command: &Value) {
        self.0.send(Message::text(command.to_string())).unwrap();
    }

    /// The next push of this type; other pushes are passed over.
    #[track_caller]
    pub fn hears(&mut self, kind: &str, limit: Duration) -> Value {
        let end = Instant::now() + limit;
        let mut others = Vec::new();
        loop {
            match self.0.read() {
                Ok(Message::Text(text)) => {
                    let push: Value = serde_json::from_str(&text).unwrap();
                    if push["type"] == kind {
                        return push;
                    }
                    others.push(push["type"].to_string());
                }
                Ok(_) => {}
                Err(tungstenite::Error::Io(error)) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(error) => panic!("waiting for {kind}: {error} (heard {others:?})"),
            }
            assert!(Instant::now() < end, "{kind} was not heard within {limit:?}, but {others:?}");
        }
    }
}

/// A customer who typed and confirmed everything and may now call.
pub fn confirmed(site: &Site) -> Caller<'_> {
    let mut customer = Caller::new(site);
    customer.post("/api/v1/applications", &json!({ "locale": "en", "time_zone": "Asia/Ho_Chi_Minh" }));
    customer.post("/api/v1/application/document", &json!({ "kind": "citizen_card" }));
    customer.post("/api/v1/application/type-myself", &json!({}));
    let mut consents = customer.get("/api/v1/application")["consents"].clone();
    for consent in consents.as_array_mut().unwrap() {
        consent["given"] = json!(true);
    }
    let fields = [
        ("full_name", "Trần Văn Mẫu"),
        ("number", "001201012345"),
        ("birth_date", "2001-02-03"),
        ("sex", "M"),
        ("nationality", "VNM"),
        ("expiry_date", "2041-02-03"),
        ("residence", "12 Phố Mẫu, Hà Nội"),
    ];
    let fields: Vec<Value> = fields.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    let details = json!({ "fields": fields, "email": "mau@example.org", "phone": "+84900000001" });
    customer.post("/api/v1/application/confirm", &json!({ "details": details, "consents": consents }));
    customer
}
