//! Staff sign in, stay signed in, and are kept out when they try too often.

use serde_json::json;
use visavis::{base::Pii, registry::staff::Role};

use crate::support::{Answer, TestHouse, logs::LogTrap};

const PASSWORD: &str = "seven calm lanterns";

async fn house_with_lan() -> TestHouse {
    let house = TestHouse::open().await;
    let new = visavis::registry::staff::NewStaff {
        name: "lan".to_owned(),
        display_name: "Lan Nguyễn".to_owned(),
        password: Pii::new(PASSWORD.to_owned()),
        roles: vec![Role::Agent],
        languages: vec!["vi".to_owned()],
    };
    house.house.staff.add(new).await.unwrap();
    house
}

async fn sign_in(house: &TestHouse, name: &str, password: &str) -> Answer {
    house.post("/api/v1/staff/sign-in").json(&json!({ "name": name, "password": password })).send().await
}

async fn me(house: &TestHouse, cookie: &str) -> Answer {
    house.get("/api/v1/staff/me").header("cookie", cookie).send().await
}

#[tokio::test]
async fn an_agent_signs_in_is_known_and_signs_out() {
    let house = house_with_lan().await;
    let answer = sign_in(&house, " Lan ", PASSWORD).await.expect(200);
    assert_eq!(answer.json()["display_name"], "Lan Nguyễn");
    assert_eq!(answer.json()["roles"], json!(["agent"]));
    let set = answer.header("set-cookie");
    for part in ["__Host-visavis-staff=", "Path=/", "Secure", "HttpOnly", "SameSite=Strict", "Max-Age=36000"] {
        assert!(set.contains(part), "{set} lacks {part}");
    }
    let cookie = answer.cookie();
    assert_eq!(me(&house, &cookie).await.expect(200).json()["display_name"], "Lan Nguyễn");
    let out = house.post("/api/v1/staff/sign-out").header("cookie", &cookie).send().await.expect(204);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(me(&house, &cookie).await.expect(401).code(), "signed_out");
    house.post("/api/v1/staff/sign-out").header("cookie", &cookie).send().await.expect(204);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_look_the_same() {
    let house = house_with_lan().await;
    let wrong = sign_in(&house, "lan", "seven calm lanternz").await.expect(401);
    let unknown = sign_in(&house, "nobody", PASSWORD).await.expect(401);
    assert_eq!((wrong.code(), wrong.json()["message"].clone()), (unknown.code(), unknown.json()["message"].clone()));
    assert_eq!(wrong.header("set-cookie"), "");
}

#[tokio::test]
async fn too_many_tries_wait_and_other_addresses_need_not() {
    let house = house_with_lan().await;
    for _ in 0..5 {
        sign_in(&house, "lan", "wrong").await.expect(401);
    }
    let limited = sign_in(&house, "lan", PASSWORD).await.expect(429);
    assert_eq!(limited.code(), "limited");
    assert_eq!(limited.header("retry-after"), "900");
    let elsewhere = house.house.staff.sign_in("lan", &Pii::new(PASSWORD.to_owned()), "192.0.2.9".parse().unwrap()).await;
    assert!(elsewhere.is_ok(), "the agent at another desk is not locked out by a stranger's guesses");
    house.pass(899);
    sign_in(&house, "lan", PASSWORD).await.expect(429);
    house.pass(1);
    sign_in(&house, "lan", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn one_address_cannot_try_many_names() {
    let house = house_with_lan().await;
    for at in 0..20 {
        sign_in(&house, &format!("guess{at}"), "wrong password").await.expect(401);
    }
    sign_in(&house, "guess20", "wrong password").await.expect(429);
}

#[tokio::test]
async fn many_tries_at_once_do_not_slip_through() {
    let house = house_with_lan().await;
    let tries = futures_util::future::join_all((0..12).map(|_| sign_in(&house, "lan", "wrong"))).await;
    assert_eq!(tries.iter().filter(|answer| answer.status == 401).count(), 5);
    assert_eq!(tries.iter().filter(|answer| answer.status == 429).count(), 7);
}

#[tokio::test]
async fn a_session_slides_while_it_is_used_and_ends_in_any_case() {
    let house = house_with_lan().await;
    let cookie = sign_in(&house, "lan", PASSWORD).await.expect(200).cookie();
    for _ in 0..10 {
        house.pass(59 * 60);
        me(&house, &cookie).await.expect(200);
    }
    house.pass(10 * 60);
    me(&house, &cookie).await.expect(401);

    let cookie = sign_in(&house, "lan", PASSWORD).await.expect(200).cookie();
    house.pass(60 * 60 + 1);
    me(&house, &cookie).await.expect(401);
}

#[tokio::test]
async fn a_new_password_ends_the_sessions_of_the_old_one() {
    let house = house_with_lan().await;
    let cookie = sign_in(&house, "lan", PASSWORD).await.expect(200).cookie();
    house.house.staff.set_password("lan", &Pii::new("eight calm lanterns".to_owned())).await.unwrap();
    me(&house, &cookie).await.expect(401);
    sign_in(&house, "lan", PASSWORD).await.expect(401);
    sign_in(&house, "lan", "eight calm lanterns").await.expect(200);
}

#[tokio::test]
async fn what_is_no_name_no_password_or_taken_is_refused() {
    let house = house_with_lan().await;
    let add = |name: &str, password: &str, roles: &[Role]| {
        let new = visavis::registry::staff::NewStaff {
            name: name.to_owned(),
            display_name: "X".to_owned(),
            password: Pii::new(password.to_owned()),
            roles: roles.to_vec(),
            languages: Vec::new(),
        };
        let staff = house.house.staff.clone();
        async move { staff.add(new).await.map(drop).map_err(|error| error.to_string()) }
    };
    assert!(add("Lan", PASSWORD, &[Role::Agent]).await.unwrap_err().contains("sign-in name"));
    assert!(add("mai", "short", &[Role::Agent]).await.unwrap_err().contains("12 to 128"));
    assert!(add("mai", PASSWORD, &[]).await.unwrap_err().contains("role"));
    assert!(add("lan", PASSWORD, &[Role::Agent]).await.unwrap_err().contains("already"));
    assert_eq!(add("mai", PASSWORD, &[Role::Supervisor]).await, Ok(()));
}

#[tokio::test]
async fn sign_ins_are_journalled_and_nothing_secret_is_logged() {
    let trap = LogTrap::set();
    let house = house_with_lan().await;
    let secret = "a password nobody else here uses";
    house.house.staff.set_password("lan", &Pii::new(secret.to_owned())).await.unwrap();
    sign_in(&house, "lan", "another secret nobody else uses").await.expect(401);
    let answer = sign_in(&house, "lan", secret).await.expect(200);
    let token = answer.cookie().split_once('=').unwrap().1.to_owned();
    me(&house, &answer.cookie()).await.expect(200);
    sign_in(&house, "unheard-of-name", secret).await.expect(401);
    trap.holds_none_of(&[secret, "another secret nobody else uses", "unheard-of-name", &token]);
    assert_eq!(visavis::registry::audit::verify(&house.house.db).await.unwrap(), Ok(5), "added, changed, refused, signed in, refused");
}
