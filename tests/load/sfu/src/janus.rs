//! Debian's janus and its videoroom, in the best configuration we know: static event loops, ICE-lite, full trickle off,
//! nothing loaded that is not used.

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use str0m::media::Direction;

use crate::client::Load;

/// Starts janus with its HTTP interface on `port`.
pub fn start(folder: &Path, port: u16, event_loops: usize) -> Child {
    let plugins = "/usr/lib/x86_64-linux-gnu/janus";
    let disabled = ["audiobridge", "echotest", "recordplay", "sip", "nosip", "streaming", "textroom", "videocall", "voicemail", "lua", "duktape"];
    let disabled = disabled.map(|name| format!("libjanus_{name}.so")).join(",");
    let config = format!(
        "general: {{ configs_folder=\"{0}\" plugins_folder=\"{plugins}/plugins\" transports_folder=\"{plugins}/transports\" events_folder=\"{0}/none\" \
         loggers_folder=\"{0}/none\" debug_level=3 event_loops={event_loops} }}\nmedia: {{ ipv6=false rtp_port_range=\"20000-40000\" }}\nnat: {{ ice_lite=true full_trickle=false }}\n\
         plugins: {{ disable=\"{disabled}\" }}\n\
         transports: {{ disable=\"libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_pfunix.so,libjanus_rabbitmq.so,libjanus_websockets.so\" }}\n",
        folder.display()
    );
    std::fs::write(folder.join("janus.jcfg"), config).unwrap();
    std::fs::write(folder.join("janus.plugin.videoroom.jcfg"), "general: {}\n").unwrap();
    let http = format!("general: {{ json=\"compact\" base_path=\"/janus\" http=true port={port} ip=\"127.0.0.1\" https=false }}\nadmin: {{ admin_http=false }}\n");
    std::fs::write(folder.join("janus.transport.http.jcfg"), http).unwrap();
    let log = std::fs::File::create(folder.join("janus.log")).unwrap();
    let mut command = Command::new("janus");
    command.arg("-F").arg(folder).arg("-C").arg(folder.join("janus.jcfg")).stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
    let child = command.spawn().unwrap_or_else(|error| panic!("janus: {error}; install the Debian package janus"));
    for _ in 0..100 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return child;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("janus does not start: {}", std::fs::read_to_string(folder.join("janus.log")).unwrap());
}

fn http(port: u16, method: &str, path: &str, body: &str) -> Value {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "{method} {path} HTTP/1.0\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap_or_else(|error| panic!("{error}: {answer}"))
}

struct Session {
    port: u16,
    id: u64,
}

impl Session {
    fn new(port: u16) -> Self {
        let made = http(port, "POST", "/janus", &json!({ "janus": "create", "transaction": "t" }).to_string());
        Self { port, id: made["data"]["id"].as_u64().unwrap() }
    }

    fn attach(&self) -> u64 {
        let asked = json!({ "janus": "attach", "plugin": "janus.plugin.videoroom", "transaction": "t" });
        http(self.port, "POST", &format!("/janus/{}", self.id), &asked.to_string())["data"]["id"].as_u64().unwrap()
    }

    fn event(&self) -> Value {
        http(self.port, "GET", &format!("/janus/{}?maxev=1", self.id), "")
    }

    fn say(&self, handle: u64, body: &Value, jsep: Option<Value>) -> Value {
        let mut message = json!({ "janus": "message", "transaction": "t", "body": body });
        if let Some(jsep) = jsep {
            message["jsep"] = jsep;
        }
        let answer = http(self.port, "POST", &format!("/janus/{}/{handle}", self.id), &message.to_string());
        if answer["janus"] == "success" {
            return answer;
        }
        loop {
            let event = self.event();
            if event["janus"] == "event" && event["sender"].as_u64() == Some(handle) {
                return event;
            }
        }
    }
}

/// One call: a room with two publishers, each of which subscribes to the other.
pub fn call(load: &mut Load, ip: &str, port: u16, room: usize, recordings: Option<&Path>) {
    let mut publishers = Vec::new();
    for seat in 0..2 {
        let session = Session::new(port);
        let handle = session.attach();
        if seat == 0 {
            let mut create = json!({ "request": "create", "room": room, "publishers": 2, "audiocodec": "opus", "videocodec": "vp8", "bitrate": 4_000_000, "notify_joining": false });
            if let Some(folder) = recordings {
                create["record"] = json!(true);
                create["rec_dir"] = json!(folder.display().to_string());
            }
            session.say(handle, &create, None);
        }
        let (number, offer) = load.offer(ip, Direction::SendOnly);
        let join = json!({ "request": "joinandconfigure", "ptype": "publisher", "room": room, "audio": true, "video": true });
        let mut event = session.say(handle, &join, Some(json!({ "type": "offer", "sdp": offer })));
        let feed = event["plugindata"]["data"]["id"].as_u64().unwrap_or_else(|| panic!("{event}"));
        while !event["jsep"].is_object() {
            event = session.event();
        }
        load.answered(number, event["jsep"]["sdp"].as_str().unwrap());
        publishers.push((session, feed));
    }
    for seat in 0..2 {
        let (session, feed) = (&publishers[seat].0, publishers[1 - seat].1);
        let handle = session.attach();
        let join = json!({ "request": "join", "ptype": "subscriber", "room": room, "streams": [{ "feed": feed }] });
        // A feed is there once its publisher is connected; until then the load must go on.
        let event = loop {
            let event = session.say(handle, &join, None);
            if event["jsep"].is_object() {
                break event;
            }
            load.run(Duration::from_millis(50));
        };
        let answer = load.answer(ip, event["jsep"]["sdp"].as_str().unwrap());
        session.say(handle, &json!({ "request": "start" }), Some(json!({ "type": "answer", "sdp": answer })));
    }
}
