//! Who may pass where: every doorway of the table, walked by everybody; and what no doorway lets in.

use serde_json::json;
use visavis::{
    registry::staff::Role,
    web::{
        self,
        doorway::{Access, Doorway},
    },
};

use crate::support::{Answer, Request, TestHouse};

/// Everybody who may come to a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Visitor {
    Nobody,
    Customer,
    Agent,
    Supervisor,
    Both,
    Probe,
}

const VISITORS: [Visitor; 6] = [Visitor::Nobody, Visitor::Customer, Visitor::Agent, Visitor::Supervisor, Visitor::Both, Visitor::Probe];

/// What the guard must say; `None` is "come in".
fn wanted(access: Access, visitor: Visitor) -> Option<(u16, &'static str)> {
    let roles: &[Role] = match visitor {
        Visitor::Agent => &[Role::Agent],
        Visitor::Supervisor => &[Role::Supervisor],
        Visitor::Both => &[Role::Agent, Role::Supervisor],
        Visitor::Probe => &[Role::Probe],
        Visitor::Nobody | Visitor::Customer => &[],
    };
    match access {
        Access::Public => None,
        Access::Customer if visitor == Visitor::Customer => None,
        Access::Staff(allowed) if roles.iter().any(|role| allowed.contains(role)) => None,
        Access::Staff(_) if !roles.is_empty() => Some((403, "forbidden")),
        // No session is a gateway's token.
        Access::Customer | Access::Staff(_) | Access::Gateway => Some((401, "signed_out")),
    }
}

/// The path with an id where it wants one.
fn concrete(path: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { "0190a6e0000070008000000000000000" } else { part }).collect::<Vec<_>>().join("/")
}

async fn knock(house: &TestHouse, door: &Doorway, dress: impl FnOnce(Request) -> Request) -> Answer {
    let request = house.request(door.method().as_str(), &concrete(door.path()));
    let request = if door.method() == "GET" { request } else { request.json(&json!({})) };
    dress(request).send().await
}

#[tokio::test]
async fn every_door_opens_for_exactly_whom_the_table_says() {
    let house = TestHouse::open().await;
    let customer = house.customer().await.cookie;
    let agent = house.agent("agent").await.cookie;
    let supervisor = house.supervisor("supervisor").await.cookie;
    let both = house.staff("both", &[Role::Agent, Role::Supervisor]).await.cookie;
    let probe = house.staff("probe", &[Role::Probe]).await.cookie;
    let mut walked = 0;
    for door in web::doorways() {
        for visitor in VISITORS {
            let cookie = match visitor {
                Visitor::Nobody => "",
                Visitor::Customer => &customer,
                Visitor::Agent => &agent,
                Visitor::Supervisor => &supervisor,
                Visitor::Both => &both,
                Visitor::Probe => &probe,
            };
            // Its own session would end; it is public anyway.
            if door.path().ends_with("/sign-out") && visitor != Visitor::Nobody {
                continue;
            }
            let answer = knock(&house, &door, |request| request.header("cookie", cookie)).await;
            let said = (answer.status, answer.code());
            let name = format!("{} {} by {visitor:?}", door.method(), door.path());
            if let Some((status, code)) = wanted(door.access(), visitor) {
                assert_eq!(said, (status, code.to_owned()), "{name}");
            } else {
                let is_refused = matches!(said.1.as_str(), "signed_out" | "forbidden" | "foreign_origin");
                assert!(!is_refused && answer.status < 500 || said.1 == "draining", "{name}: {said:?}");
            }
            walked += 1;
        }
    }
    assert!(walked >= 25, "the table is not empty: {walked}");
}

/// The table as people read it in a review: a new path, or another role on an old one, changes `doorways.txt`.
#[test]
fn the_table_is_the_one_that_was_agreed() {
    let mut table: Vec<String> = web::doorways()
        .iter()
        .map(|door| {
            let who = match door.access() {
                Access::Public => "anybody".to_owned(),
                Access::Customer => "customer".to_owned(),
                Access::Gateway => "gateway".to_owned(),
                Access::Staff(roles) => roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(" or "),
            };
            format!("{:<7}{:<60}{who}", door.method().as_str(), door.path())
        })
        .collect();
    table.sort_by_key(|line| (line[7..67].to_owned(), line[..7].to_owned()));
    let agreed: Vec<&str> = include_str!("doorways.txt").lines().collect();
    let actual = concat!(env!("CARGO_TARGET_TMPDIR"), "/doorways.txt");
    std::fs::write(actual, table.join("\n") + "\n").unwrap();
    assert_eq!(table, agreed, "when the change is meant, copy {actual} over tests/journey/doorways.txt");
}

#[tokio::test]
async fn a_changing_request_of_another_page_changes_nothing() {
    let house = TestHouse::open().await;
    let agent = house.agent("agent").await;
    for door in web::doorways().iter().filter(|door| door.method() != "GET" && door.access() != Access::Gateway) {
        for origin in [Some("https://evil.example"), Some("null"), Some("http://localhost:8080.evil.example"), None] {
            let answer = knock(&house, door, |request| request.by(&agent).origin(origin)).await;
            assert_eq!((answer.status, answer.code().as_str()), (403, "foreign_origin"), "{} from {origin:?}", door.path());
        }
        let form = house.request(door.method().as_str(), &concrete(door.path())).by(&agent).body("text/plain", b"{}".to_vec()).send().await;
        assert_eq!((form.status, form.code().as_str()), (415, "wrong_type"), "{}", door.path());
    }
}

#[tokio::test]
async fn a_stranger_cannot_make_up_a_session() {
    let house = TestHouse::open().await;
    let customer = house.customer().await;
    let token = customer.cookie.split_once('=').unwrap().1.to_owned();
    for cookie in ["__Host-visavis-staff=", "__Host-visavis-staff=x", &format!("__Host-visavis-staff={token}"), "visavis-staff=x; a", ";;=;"] {
        house.get("/api/v1/staff/me").header("cookie", cookie).send().await.expect(401);
    }
}

#[tokio::test]
async fn what_does_not_exist_or_does_not_fit_gets_one_form_of_error() {
    let house = TestHouse::open().await;
    let unknown = house.get("/api/v1/nothing").send().await.expect(404);
    assert_eq!(unknown.code(), "unknown");
    assert_eq!(unknown.json()["request_id"].as_str().unwrap(), unknown.header("x-request-id"));
    assert_eq!(house.request("DELETE", "/api/v1/brand").send().await.expect(405).code(), "method_not_allowed");
    let sign_in = |kind: &'static str, body: Vec<u8>| house.post("/api/v1/staff/sign-in").body(kind, body).send();
    assert_eq!(sign_in("application/json", b"{".to_vec()).await.expect(422).code(), "malformed");
    assert_eq!(sign_in("application/json", b"{\"name\":1}".to_vec()).await.expect(422).code(), "malformed");
    assert_eq!(sign_in("image/png", b"{}".to_vec()).await.expect(415).code(), "wrong_type");
    let large = format!("{{\"name\":\"{}\"}}", "x".repeat(70_000));
    assert_eq!(sign_in("application/json", large.into_bytes()).await.expect(413).code(), "too_large");
}

#[tokio::test]
async fn every_answer_carries_the_safe_headers() {
    let house = TestHouse::open().await;
    for path in ["/", "/console/", "/api/v1/brand", "/api/v1/nothing", "/nothing", "/health"] {
        let answer = house.get(path).send().await;
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert!(!answer.header("content-security-policy").contains("unsafe-inline"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert!(answer.header("permissions-policy").contains("camera=(self)"), "{path}");
        assert_eq!(answer.header("x-request-id").len(), 16, "{path}");
    }
    assert_eq!(house.get("/api/v1/brand").send().await.header("cache-control"), "no-store");
}

#[tokio::test]
async fn pages_are_files_and_say_so_when_they_are_not_built() {
    let house = TestHouse::open().await;
    let missing = house.get("/").send().await.expect(503);
    assert!(missing.text().contains("not built yet"));
    for (app, title) in [("web-client", "customer"), ("web-agent", "console")] {
        let dist = house.settings.server.web_root.join(app).join("dist");
        std::fs::create_dir_all(dist.join("assets")).unwrap();
        std::fs::write(dist.join("index.html"), format!("<!doctype html><title>{title}</title>{}", " ".repeat(2000))).unwrap();
        std::fs::write(dist.join("assets/app-1a2b.js"), "x".repeat(2000)).unwrap();
    }
    std::fs::write(house.settings.server.web_root.join("secret.txt"), "secret").unwrap();
    let page = house.get("/").send().await.expect(200);
    assert!(page.text().contains("<title>customer"));
    assert_eq!(page.header("cache-control"), "no-cache");
    assert_eq!(page.header("content-type"), "text/html");
    assert_eq!(house.get("/console").send().await.expect(308).header("location"), "/console/");
    for path in ["/console/", "/console/files", "/console/files/0190"] {
        assert!(house.get(path).send().await.expect(200).text().contains("<title>console"), "{path}");
    }
    let script = house.get("/assets/app-1a2b.js").header("accept-encoding", "gzip").send().await.expect(200);
    assert_eq!(script.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(script.header("content-encoding"), "gzip");
    assert!(script.body.len() < 200, "{} bytes", script.body.len());
    for path in ["/assets/other.js", "/console/assets/other.js", "/files", "/../secret.txt", "/%2e%2e/secret.txt", "/console/..%2f..%2fsecret.txt"] {
        house.get(path).send().await.expect(404);
    }
}

#[tokio::test]
async fn a_draining_server_says_that_it_is_not_ready() {
    let house = TestHouse::open().await;
    house.get("/ready").send().await.expect(200);
    house.house.draining.cancel();
    house.get("/ready").send().await.expect(503);
    house.get("/health").send().await.expect(200);
}
