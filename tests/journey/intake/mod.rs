//! Intake through the router: photographs through the real sandboxed reader, the form, consents, links, the end of drafts.

mod bad;
mod doubts;
mod form;
mod pictures;
mod reads;
mod whole;

use std::{
    collections::HashMap,
    io::Cursor,
    sync::{Mutex, OnceLock},
};

use serde_json::{Value, json};
use visavis::base::id::DossierId;

use crate::support::{
    Answer, Person, TestHouse,
    specimen::{Card, Person as Holder, Scene, picture},
};

/// A photograph of a specimen as the page would send it.
fn photograph(card: Card, scene: &Scene) -> Vec<u8> {
    static DRAWN: OnceLock<Mutex<HashMap<String, Vec<u8>>>> = OnceLock::new();
    let mut drawn = DRAWN.get_or_init(Mutex::default).lock().unwrap();
    let draw = || {
        let mut jpeg = Vec::new();
        picture(&Holder::khai(), card, scene).write_to(&mut Cursor::new(&mut jpeg), image::ImageFormat::Jpeg).unwrap();
        jpeg
    };
    drawn.entry(format!("{card:?} {scene:?}")).or_insert_with(draw).clone()
}

fn good(card: Card) -> Vec<u8> {
    photograph(card, &Scene::CAMERA)
}

fn nothing() -> Vec<u8> {
    photograph(Card::CitizenFront, &Scene { empty: true, ..Scene::CAMERA })
}

/// A house whose reader is given all the time it needs: a busy machine is not what these tests look at.
async fn open() -> TestHouse {
    open_with(|_| {}).await
}

async fn open_with(change: impl FnOnce(&mut visavis::boot::Settings)) -> TestHouse {
    TestHouse::with(|settings| {
        settings.reader.timeout_seconds = 120;
        change(settings);
    })
    .await
}

/// One customer at the house.
struct Visit<'a> {
    house: &'a TestHouse,
    customer: Person<DossierId>,
    begun: Value,
}

impl<'a> Visit<'a> {
    /// Begins as the page does.
    async fn begin(house: &'a TestHouse) -> Self {
        let answer = house.post("/api/v1/applications").json(&json!({ "locale": "en", "time_zone": "Asia/Ho_Chi_Minh" })).send().await.expect(201);
        let begun = answer.json();
        let customer = Person { id: begun["id"].as_str().unwrap().parse().unwrap(), cookie: answer.cookie() };
        Self { house, customer, begun }
    }

    /// Begins and chooses a document.
    async fn with(house: &'a TestHouse, kind: &str) -> Self {
        let visit = Self::begin(house).await;
        visit.choose(kind).await.expect(200);
        visit
    }

    async fn choose(&self, kind: &str) -> Answer {
        self.post("document", &json!({ "kind": kind })).await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.house.pass(1);
        self.house.post(&format!("/api/v1/application/{path}")).by(&self.customer).json(body).send().await
    }

    async fn capture(&self, side: &str, picture: Vec<u8>) -> Answer {
        self.capture_as(side, "image/jpeg", picture).await
    }

    async fn capture_as(&self, side: &str, kind: &str, picture: Vec<u8>) -> Answer {
        self.house.pass(2);
        self.house.post(&format!("/api/v1/application/captures/{side}")).by(&self.customer).body(kind, picture).send().await
    }

    async fn view(&self) -> Value {
        self.house.get("/api/v1/application").by(&self.customer).send().await.expect(200).json()
    }

    async fn step(&self) -> String {
        self.view().await["step"].as_str().unwrap().to_owned()
    }

    async fn save(&self, form: &Value) -> Answer {
        self.house.pass(1);
        self.house.put("/api/v1/application/details").by(&self.customer).json(form).send().await
    }

    async fn confirm(&self, form: &Value) -> Answer {
        self.post("confirm", &json!({ "details": form, "consents": self.consents().await })).await
    }

    /// Every switch on, with the texts as shown.
    async fn consents(&self) -> Value {
        let mut consents = self.view().await["consents"].clone();
        for consent in consents.as_array_mut().unwrap() {
            consent["given"] = json!(true);
        }
        consents
    }

    /// The state the file is put in by a later step.
    async fn set_state(&self, steps: &[visavis::registry::dossier::Step], outcome: Option<&str>) {
        use visavis::registry::{audit::Actor, dossier};
        let ambient = &self.house.engines.ambient;
        let mut tx = self.house.house.db.begin().await.unwrap();
        let mut file = dossier::find_in(&mut tx, self.customer.id).await.unwrap().unwrap();
        for step in steps {
            file = dossier::advance(&mut tx, ambient, &file, *step, Actor::System, json!({})).await.unwrap();
        }
        dossier::describe(&mut tx, ambient, &file, |d| d.outcome = outcome.map(str::to_owned)).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// A form as typed by somebody; `changes` replaces fields by name.
fn form(changes: &[(&str, &str)]) -> Value {
    let mut fields = vec![
        ("full_name", "Nguyễn Thị Minh Khai"),
        ("number", "001195012345"),
        ("birth_date", "1995-07-14"),
        ("sex", "F"),
        ("nationality", "VNM"),
        ("expiry_date", "2035-07-14"),
        ("residence", "Phường Bến Nghé, Quận 1, TP. Hồ Chí Minh"),
    ];
    for (name, value) in changes {
        match fields.iter_mut().find(|(field, _)| field == name) {
            Some(field) => field.1 = value,
            None => fields.push((name, value)),
        }
    }
    let value = |name: &str, fallback: &str| changes.iter().find(|(field, _)| *field == name).map_or(fallback, |(_, value)| value).to_owned();
    let (email, phone) = (value("email", "khai.intake@example.com"), value("phone", "+84 912 345 678"));
    let fields: Vec<Value> =
        fields.iter().filter(|(name, _)| !matches!(*name, "email" | "phone")).map(|(name, value)| json!({ "name": name, "value": value })).collect();
    json!({ "fields": fields, "email": email, "phone": phone })
}

/// The problems of a 422 as `part: problem`, in order.
fn problems(answer: &Answer) -> Vec<String> {
    let fields = answer.json()["fields"].as_array().cloned().unwrap_or_default();
    let text = |field: &Value, key: &str| field[key].as_str().map(str::to_owned);
    fields.iter().map(|f| format!("{}: {}", text(f, "name").or_else(|| text(f, "part")).unwrap_or_default(), f["problem"].as_str().unwrap())).collect()
}

fn detail<'v>(view: &'v Value, name: &str) -> &'v Value {
    view["details"].as_array().unwrap().iter().find(|detail| detail["name"] == name).unwrap_or(&Value::Null)
}
