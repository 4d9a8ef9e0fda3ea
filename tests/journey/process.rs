//! The program as an operator runs it: starts, ends, survives the death of its helper, refuses what makes no sense.

use std::{net::TcpStream, os::unix::fs::PermissionsExt, sync::Arc, time::Duration};

use base64::Engine;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::support::process::{Site, command_line, eventually, exchange, free_address};

const SOON: Duration = Duration::from_secs(20);

fn worker(running: &crate::support::process::Running) -> i32 {
    eventually(SOON, || running.children("work --child").first().copied().ok_or_else(|| running.log()))
}

#[test]
fn serve_says_where_it_is_and_ends_well_when_it_is_told_to() {
    let site = Site::new();
    let mut running = site.serve(&[]);
    eventually(SOON, || if running.log().contains("/console/") { Ok(()) } else { Err(running.log()) });
    assert!(running.log().contains(&format!("http://localhost:{}/", site.http.port())), "{}", running.log());
    let helper = worker(&running);
    for folder in ["data", "data/keys", "data/objects", "recordings"] {
        let mode = std::fs::metadata(site.folder().join(folder)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{folder} is open to others: {mode:o}");
    }
    let (status, _, errors) = site.run(&["serve", "--no-work"], "");
    assert!(!status.success() && errors.contains("another `visavis serve` uses this data folder"), "{errors}");
    running.signal(Signal::SIGTERM);
    let status = running.ended(SOON);
    assert!(status.success(), "{status}\n{}", running.log());
    eventually(SOON, || if command_line(helper).is_empty() { Ok(()) } else { Err("the helper outlived the server".to_owned()) });
    let mut again = site.serve(&["--no-work"]);
    again.signal(Signal::SIGINT);
    assert!(again.ended(SOON).success(), "{}", again.log());
}

#[test]
fn a_helper_that_dies_is_started_again_and_never_outlives_a_killed_server() {
    let site = Site::new();
    let mut running = site.serve(&[]);
    let first = worker(&running);
    kill(Pid::from_raw(first), Signal::SIGKILL).unwrap();
    let second = eventually(SOON, || running.children("work --child").into_iter().find(|pid| *pid != first).ok_or_else(|| running.log()));
    running.signal(Signal::SIGKILL);
    running.ended(SOON);
    eventually(SOON, || if command_line(second).is_empty() { Ok(()) } else { Err("the helper outlived the server".to_owned()) });
    site.serve(&["--no-work"]);
}

#[test]
fn people_are_added_by_command_and_may_sign_in() {
    let site = Site::new();
    let add = ["staff", "add", "--name", "binh", "--display-name", "Bình", "--role", "agent", "--role", "supervisor", "--password-stdin"];
    let (status, said, errors) = site.run(&add, "nine calm lanterns\n");
    assert!(status.success() && said.starts_with("added "), "{said}{errors}");
    let (status, _, errors) = site.run(&add, "nine calm lanterns\n");
    assert!(!status.success() && errors.contains("already somebody"), "{errors}");
    let (status, _, errors) = site.run(&["staff", "add", "--name", "x1", "--display-name", "X", "--role", "boss"], "");
    assert!(!status.success() && errors.contains("a role is agent, supervisor or probe"), "{errors}");
    let (_, said, _) = site.run(&["staff", "add", "--name", "chi", "--display-name", "Chi", "--role", "agent"], "");
    assert!(said.contains("one-time password: "), "{said}");

    let running = site.serve(&["--no-work"]);
    let sign_in = |password: &str| {
        let body = serde_json::json!({ "name": "binh", "password": password }).to_string();
        site.request("POST /api/v1/staff/sign-in HTTP/1.1", "", &body).unwrap()
    };
    assert!(sign_in("nine calm lanterns").starts_with("HTTP/1.1 200"));
    assert!(sign_in("ten calm lanterns").starts_with("HTTP/1.1 401"));
    assert!(!running.log().contains("lanterns"));
}

#[test]
fn a_demo_is_seeded_once_and_its_passwords_are_told_once() {
    let site = Site::new();
    let seed = |args: &[&str]| {
        let (status, said, errors) = site.run(&[&["seed", "--json"], args].concat(), "");
        assert!(status.success(), "{errors}");
        serde_json::from_str::<serde_json::Value>(&said).unwrap()
    };
    let first = seed(&[]);
    let names: Vec<&str> = first.as_array().unwrap().iter().filter_map(|person| person["name"].as_str()).collect();
    assert_eq!(names, ["lan", "mai", "huong"]);
    assert!(first.as_array().unwrap().iter().all(|person| person["password"].as_str().is_some_and(|text| text.len() == 19)));
    assert!(seed(&[]).as_array().unwrap().iter().all(|person| person["password"].is_null()));
    assert!(seed(&["--new-passwords"])[0]["password"].is_string());
    let (_, text, _) = site.run(&["seed"], "");
    assert!(text.contains("there already"), "{text}");
}

#[test]
fn settings_that_make_no_sense_are_refused_with_words() {
    let refused = |name: &str, value: &str, wanted: &str| {
        let (status, _, errors) = Site::new().set(name, value).run(&["check-config"], "");
        assert_eq!(status.code(), Some(2));
        assert!(errors.contains(wanted), "{errors} should say {wanted}");
    };
    refused("VISAVIS__SERVER__PORT", "80", "server.port: no such setting");
    refused("VISAVIS__SERVER__LISTEN", "everywhere", "server.listen is not address:port");
    refused("VISAVIS__BRAND__ACCENT", "blue", "brand.accent");
    let site = Site::new().set("DATABASE_URL", "postgres://visavis:s3cret@db.example/visavis");
    let (status, said, _) = site.run(&["check-config"], "");
    assert!(status.success() && said.contains("postgres://[secret]@db.example/visavis") && !said.contains("s3cret"), "{said}");
    let file = site.folder().join("settings.toml");
    std::fs::write(&file, "[brand]\nname = 'Ngân hàng Ví dụ'\n").unwrap();
    let (_, said, _) = site.run(&["--config", &file.display().to_string(), "check-config"], "");
    assert!(said.contains("Ngân hàng Ví dụ"), "{said}");
    let (status, _, errors) = site.run(&["--config", "/nowhere.toml", "check-config"], "");
    assert!(!status.success() && errors.contains("/nowhere.toml"), "{errors}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (status, _, errors) = Site::new().set("VISAVIS__SERVER__LISTEN", &taken.local_addr().unwrap().to_string()).run(&["serve", "--no-work"], "");
    assert!(!status.success() && errors.contains("cannot listen on"), "{errors}");
}

#[test]
fn a_phone_on_the_network_gets_the_pages_over_https() {
    let https = free_address();
    let site = Site::new().set("VISAVIS__SERVER__LAN_HTTPS", &https.to_string());
    let running = site.serve(&["--no-work"]);
    let brand = site.request("GET /api/v1/brand HTTP/1.1", "", "").unwrap();
    assert!(brand.contains(&format!("https://{https}/")) && brand.contains("<svg "), "{brand}");
    let pem = std::fs::read_to_string(site.folder().join("data/tls/certificate.pem")).unwrap();
    let der: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(base64::engine::general_purpose::STANDARD.decode(der).unwrap().into()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let mut client = rustls::ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    let mut socket = TcpStream::connect(https).unwrap();
    let mut stream = rustls::Stream::new(&mut client, &mut socket);
    let answer = exchange(&mut stream, https, "GET /health HTTP/1.1", "", "").unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok\n"), "{answer}\n{}", running.log());
}
