use super::*;

fn settings(languages: &[&str], products: &[&str]) -> Settings {
    Settings {
        languages: languages.iter().map(|name| (*name).to_owned()).collect(),
        products: products.iter().map(|text| text.parse().expect("a product")).collect(),
        ..Settings::default()
    }
}

fn skills(languages: &[(&str, u32)], products: &[(&str, u32)]) -> Skills {
    let filed = |list: &[(&str, u32)]| list.iter().map(|(name, level)| ((*name).to_owned(), *level)).collect();
    Skills { languages: filed(languages), products: filed(products) }
}

#[test]
fn levels_open_lanes() {
    let house = settings(&["vi", "en"], &["account:1", "credit:3"]);
    let catalogue = Catalogue::of(&house);
    let cases = [
        (skills(&[], &[]), "vi* vi.account vi.credit en* en.account en.credit"),
        (skills(&[("vi", 1)], &[]), "vi* vi.account vi.credit"),
        (skills(&[("vi", 1), ("en", 2)], &[("account", 5)]), "vi* vi.account en* en.account"),
        (skills(&[("vi", 0)], &[]), ""),
        (skills(&[], &[("credit", 2)]), "vi* en*"),
        (skills(&[("en", 1)], &[("credit", 3)]), "en* en.credit"),
        (skills(&[("de", 9)], &[]), ""),
    ];
    for (skills, wanted) in cases {
        let lanes = catalogue.lanes(&skills);
        let mut found = Vec::new();
        for language in ["vi", "en"] {
            if lanes.has(catalogue.relaxed(language)) {
                found.push(format!("{language}*"));
            }
            for product in ["account", "credit"] {
                if lanes.has(catalogue.strict(language, product)) {
                    found.push(format!("{language}.{product}"));
                }
            }
        }
        assert_eq!(found.join(" "), wanted, "{skills:?}");
    }
}

#[test]
fn every_class_has_a_lane_of_its_own() {
    let house = settings(&["vi", "en", "de"], &["a:1", "b:2", "c:3"]);
    let catalogue = Catalogue::of(&house);
    let mut lanes = Vec::new();
    for language in ["vi", "en", "de"] {
        lanes.push(catalogue.relaxed(language));
        lanes.extend(["a", "b", "c"].map(|product| catalogue.strict(language, product)));
    }
    let all: Lanes = lanes.iter().copied().collect();
    assert_eq!((all.iter().count(), lanes.len(), catalogue.len()), (12, 12, 12));
    assert_eq!(catalogue.strict("en-GB", "b"), catalogue.strict("en", "b"));
    assert_eq!(catalogue.strict("xx", "gone"), catalogue.strict("vi", "a"), "who is unknown is served by the first");
    assert_eq!((catalogue.product(None), catalogue.product(Some("c")), catalogue.product(Some("gone"))), ("a", "c", "a"));
}

#[test]
fn sets_of_lanes_add_up() {
    let lanes: Lanes = [0, 7, 63].into_iter().filter_map(Lane::of).collect();
    assert_eq!(lanes.iter().map(Lane::number).collect::<Vec<_>>(), [0, 7, 63]);
    assert_eq!(Lanes::ALL.iter().count(), 64);
    assert!(Lanes::default().iter().next().is_none() && Lane::of(64).is_none());
    let seven = Lane::of(7).expect("a lane");
    assert!(lanes.has(seven) && !lanes.without(seven).has(seven) && lanes.and(Lanes::ALL) == lanes && lanes.or(Lanes::ALL) == Lanes::ALL);
}

#[test]
fn catalogues_that_number_differently_are_told_apart() {
    let [one, other, third] = [settings(&["vi"], &["a:1"]), settings(&["vi"], &["a:2"]), settings(&["vi"], &["a:1"])];
    assert_ne!(Catalogue::of(&one).fingerprint(), Catalogue::of(&other).fingerprint());
    assert_eq!(Catalogue::of(&one).fingerprint(), Catalogue::of(&third).fingerprint());
}

#[test]
fn the_largest_claim_counts() {
    let needs = Duration::minutes(5);
    let boost = |is_returning, is_on_time, has_special_needs| Claim { is_returning, is_on_time, has_special_needs }.boost(needs).num_minutes();
    assert_eq!([boost(false, false, false), boost(true, false, false), boost(false, true, false), boost(false, false, true)], [0, 10, 15, 5]);
    assert_eq!(boost(true, true, true), 15);
}

#[test]
fn products_are_written_as_they_are_read() {
    for text in ["account:1", "a-b_9:9"] {
        assert_eq!(text.parse::<Product>().expect("a product").to_string(), text);
    }
    for text in ["", "account", "account:0", "account:10", "Account:1", ":1", "a b:1", "a:1:2"] {
        assert!(text.parse::<Product>().is_err(), "{text}");
    }
}
