//! `visavis probe` against the real program: good when calls work, not good when they do not, and gone without a trace.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    caller::Caller,
    process::{Site, eventually},
};

const PASSWORD: &str = "nine patient herons\n";

fn site() -> Site {
    let site = Site::new();
    let add = ["staff", "add", "--name", "probe", "--display-name", "Probe", "--role", "probe", "--count", "2", "--password-stdin"];
    let (status, said, errors) = site.run(&add, PASSWORD);
    assert!(status.success() && said.lines().count() == 2, "{said}{errors}");
    site
}

fn url(site: &Site) -> String {
    format!("http://{}", site.http)
}

#[test]
fn a_probe_calls_over_udp_and_tcp_and_leaves_nothing_behind() {
    let site = site();
    let _running = site.serve(&[]);
    let probe =
        ["probe", &url(&site), "--route", "udp", "--route", "tcp", "--route", "turn", "--calls", "2", "--seconds", "3", "--max-setup-ms", "15000", "--json"];
    let (status, said, errors) = site.run(&probe, PASSWORD);
    assert!(status.success(), "{said}{errors}");
    let report: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(report["is_good"], true);
    for leg in report["legs"].as_array().unwrap() {
        if leg["route"] == "turn" {
            assert_eq!(leg["is_absent"], true, "no TURN server is set: {leg}");
            continue;
        }
        assert_eq!((leg["calls"].as_u64(), leg["failures"].as_array().map(Vec::len)), (Some(2), Some(0)), "{leg}");
        assert_eq!(leg["files"], 6, "two films and four tracks: {leg}");
        for measured in ["setup_ms", "delay_ms", "delay_p99_ms", "filed_ms"] {
            assert!(leg[measured].as_f64().unwrap() > 0.0, "{measured} was measured: {leg}");
        }
        assert!(leg["loss_percent"].as_f64().unwrap() < 2.0, "{leg}");
    }
    let left: Vec<_> = files_below(&site.folder().join("recordings")).into_iter().filter(|path| !path.ends_with(".gitignore")).collect();
    assert!(left.is_empty(), "recordings of probes stay: {left:?}");
    assert_eq!(report["complaints"], json!([]));
}

#[test]
fn a_probe_says_so_when_calls_do_not_work() {
    let site = site().set("VISAVIS__MEDIA__TCP_ENABLED", "false");
    let (status, _, errors) = site.run(&["probe", &url(&site)], PASSWORD);
    assert!(!status.success() && errors.contains("cannot reach the server"), "{errors}");
    let _running = site.serve(&["--no-work"]);
    let (status, _, errors) = site.run(&["probe", &url(&site)], "wrong password here\n");
    assert!(!status.success() && errors.contains("401 wrong_password"), "{errors}");
    let (status, said, _) = site.run(&["probe", &url(&site), "--route", "tcp"], PASSWORD);
    assert!(!status.success() && said.contains("NOT GOOD  tcp: no media connection came about"), "{said}");
}

#[test]
fn the_account_of_a_probe_sees_its_own_calls_only() {
    let site = site();
    let _running = site.serve(&["--no-work"]);
    let mut probe = Caller::new(&site);
    probe.post("/api/v1/staff/sign-in", &json!({ "name": "probe", "password": PASSWORD.trim() }));
    for path in ["/api/v1/dossiers", "/api/v1/desk", "/api/v1/bookings", "/api/v1/schedule"] {
        assert_eq!(probe.ask("GET", path, None).0 / 100, 4, "{path}");
    }
    let call = probe.post("/api/v1/probe/calls", &json!({}))["call_id"].as_str().unwrap().to_owned();
    let mut other = Caller::new(&site);
    other.post("/api/v1/staff/sign-in", &json!({ "name": "probe-2", "password": PASSWORD.trim() }));
    for (method, path) in
        [("GET", format!("/api/v1/calls/{call}")), ("GET", format!("/api/v1/probe/calls/{call}")), ("DELETE", format!("/api/v1/probe/calls/{call}"))]
    {
        assert_eq!(other.ask(method, &path, None).0, 404, "{method} {path}");
    }
    eventually(Duration::from_secs(5), || match other.ask("GET", "/api/v1/queue/estimate", None) {
        (200, line) if line["waiting"] == 0 => Ok(()),
        other => Err(format!("a probe stands in nobody's way: {other:?}")),
    });
}

fn files_below(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}
