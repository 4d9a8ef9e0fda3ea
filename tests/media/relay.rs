//! Calls through Debian's coturn, set up as `config/coturn.example.conf` says: with our credentials and to the media port
//! only.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::support::process::{Site, eventually, free_address};

const SECRET: &str = "a secret only two programs know";
const PASSWORD: &str = "nine patient herons\n";

/// coturn while a test runs.
struct Coturn {
    child: Child,
    port: u16,
}

impl Drop for Coturn {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Coturn {
    /// The example as it is shipped, with a test's addresses and without TLS, for which there is no certificate here.
    fn start(folder: &Path, secret: &str) -> Self {
        let port = free_address().port();
        let without = ["tls-listening-port", "cert=", "pkey=", "no-tlsv1", "listening-port"];
        let example = include_str!("../../config/coturn.example.conf").replace("PUBLIC.ADDRESS.OF.TURN", "127.0.0.1");
        let example = example.replace("ADDRESS.OF.VISAVIS", "127.0.0.1").replace("static-auth-secret=SECRET", &format!("static-auth-secret={secret}"));
        let kept = example.lines().filter(|line| !without.iter().any(|start| line.starts_with(start)));
        let own = [format!("listening-port={port}"), "allow-loopback-peers".into(), "no-tls".into(), "no-dtls".into(), "pidfile=turn.pid".into()];
        let config = kept.map(str::to_owned).chain(own).collect::<Vec<_>>().join("\n");
        let path = folder.join("turnserver.conf");
        std::fs::write(&path, config).unwrap();
        let mut command = Command::new("turnserver");
        command.arg("-c").arg(&path).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().unwrap_or_else(|error| panic!("turnserver: {error}; install the Debian package coturn"));
        eventually(Duration::from_secs(15), || std::net::TcpStream::connect(("127.0.0.1", port)).map(drop).map_err(|error| error.to_string()));
        Self { child, port }
    }
}

/// What a probe through the relay says, when the relay knows `secret` and the media port lies at `media`.
fn probed(secret: &str, media: Option<&str>) -> (bool, String) {
    let folder = tempfile::tempdir().unwrap();
    let relay = Coturn::start(folder.path(), secret);
    let mut site = Site::new();
    site = site.set("VISAVIS__TURN__URLS", &format!("[\"turn:127.0.0.1:{}?transport=udp\"]", relay.port)).set("VISAVIS__TURN__SECRET", SECRET);
    if let Some(media) = media {
        site = site.set("VISAVIS__MEDIA__UDP", media).set("VISAVIS__MEDIA__TCP_ENABLED", "false");
    }
    let add = ["staff", "add", "--name", "probe", "--display-name", "Probe", "--role", "probe", "--password-stdin"];
    assert!(site.run(&add, PASSWORD).0.success());
    let _running = site.serve(&[]);
    let url = format!("http://{}", site.http);
    let (status, said, errors) = site.run(&["probe", &url, "--route", "turn", "--seconds", "2", "--max-setup-ms", "15000"], PASSWORD);
    (status.success(), format!("{said}{errors}"))
}

#[test]
fn a_call_goes_through_coturn_with_the_credentials_of_the_house() {
    let (is_good, said) = probed(SECRET, None);
    assert!(is_good && said.contains("turn  1 of 1 calls"), "{said}");
}

#[test]
fn coturn_takes_no_credentials_made_with_another_secret() {
    let (is_good, said) = probed("another secret altogether", None);
    assert!(!is_good && said.contains("no media connection came about"), "{said}");
}

#[test]
fn coturn_relays_to_the_media_port_and_to_no_other_machine() {
    let elsewhere = format!("127.0.0.2:{}", free_address().port());
    let (is_good, said) = probed(SECRET, Some(&elsewhere));
    assert!(!is_good && said.contains("no media connection came about"), "{said}");
}
