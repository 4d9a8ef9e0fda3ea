//! Cards that are really read: QR, machine-readable zone and print through the sandboxed reader, onto the form.

use serde_json::json;

use super::{Card, Holder, Visit, detail, form, good, open};

#[tokio::test]
async fn a_card_is_photographed_read_checked_and_confirmed() {
    let house = open().await;
    let visit = Visit::begin(&house).await;
    assert_eq!(visit.step().await, "document");
    assert_eq!(visit.choose("citizen_card").await.expect(200).json()["step"], "capture_front");

    let front = visit.capture("front", good(Card::CitizenFront)).await.expect(201).json();
    assert_eq!((&front["accepted"], &front["width"]), (&json!(true), &json!(1280)), "{front}");
    assert_eq!(visit.step().await, "capture_back");
    visit.capture("back", good(Card::CitizenBack)).await.expect(201);
    let view = visit.view().await;
    assert_eq!((&view["step"], &view["reading"]["state"], &view["reading"]["sides_done"]), (&json!("reading"), &json!("running"), &json!(0)));

    assert_eq!(house.work().await, 2, "one job per photograph");
    let view = visit.view().await;
    assert_eq!((&view["step"], &view["state"], &view["reading"]["state"]), (&json!("details"), &json!("read"), &json!("done")), "{view}");
    let holder = Holder::khai();
    assert_eq!(detail(&view, "number")["value"], holder.number);
    assert_eq!(detail(&view, "birth_date")["value"], holder.birth.iso());
    assert_eq!(detail(&view, "full_name")["value"].as_str().unwrap().to_uppercase(), holder.name);
    let crop = &detail(&view, "number")["crop"];
    house.get(&format!("/api/v1/application/captures/{}/image", crop["capture"].as_str().unwrap())).by(&visit.customer).send().await.expect(200);

    let read: Vec<(String, String)> =
        view["details"].as_array().unwrap().iter().map(|d| (d["name"].as_str().unwrap().to_owned(), d["value"].as_str().unwrap().to_owned())).collect();
    let mut typed: Vec<(&str, &str)> = read.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    typed.retain(|(name, _)| *name != "residence" && *name != "nationality");
    typed.extend([("residence", "1 Phố Mới, Hà Nội"), ("nationality", "VNM")]);
    visit.save(&form(&typed)).await.expect(204);
    assert_eq!(visit.step().await, "consents", "a saved form without faults goes on");
    let confirmed = visit.confirm(&form(&typed)).await.expect(200).json();
    assert_eq!((&confirmed["step"], &confirmed["state"]), (&json!("when"), &json!("confirmed")));

    let file = house.house.intake.file_view(visit.customer.id).await.unwrap();
    assert_eq!(file.captures.len(), 2);
    assert!(file.captures[1].mrz_valid.is_some(), "the back has a machine-readable zone, the front has none");
    assert_eq!(file.captures[0].mrz_valid, None);
    let origin = |name: &str| {
        let field = file.fields.iter().find(|field| json!(field.name) == name).unwrap();
        json!(field.origin)
    };
    assert_eq!((origin("number"), origin("residence")), (json!("match"), json!("changed")));
    let image = house.house.intake.capture_image(visit.customer.id, file.captures[0].id).await.unwrap();
    assert_eq!(&image[..3], [0xff, 0xd8, 0xff]);
    use sha2::Digest;
    assert_eq!(hex::encode(sha2::Sha256::digest(&image)), file.captures[0].sha256, "the filed hash is that of the filed bytes");

    let portrait = house.house.intake.portrait_image(visit.customer.id, file.captures[0].id).await.unwrap();
    assert_eq!(Some(hex::encode(sha2::Sha256::digest(&portrait))), file.captures[0].portrait_sha256);
    assert_eq!(file.captures[1].portrait_sha256, None, "the back bears none");
    let other = Visit::begin(&house).await;
    let strange = house.house.intake.portrait_image(other.customer.id, file.captures[0].id).await;
    assert!(strange.is_err(), "a portrait belongs to its own file");
}

#[tokio::test]
async fn who_types_is_never_overwritten_by_a_late_reading() {
    let house = open().await;
    let visit = Visit::with(&house, "citizen_card").await;
    visit.capture("front", good(Card::CitizenFront)).await.expect(201);
    visit.capture("back", good(Card::CitizenBack)).await.expect(201);
    assert_eq!(visit.step().await, "reading");
    assert_eq!(visit.post("type-myself", &json!({})).await.expect(200).json()["step"], "details");
    visit.save(&json!({ "fields": [{ "name": "full_name", "value": "Own Words" }], "email": null, "phone": null })).await.expect(204);
    house.work().await;
    let view = visit.view().await;
    assert_eq!((&view["reading"]["state"], &view["reading"]["sides_done"]), (&json!("typed"), &json!(2)));
    assert_eq!(detail(&view, "full_name")["value"], "Own Words");
    assert_eq!(detail(&view, "number")["value"], "001195012345", "what was left empty is filled");
}
