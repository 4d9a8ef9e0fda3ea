use super::*;

fn layered(file: &str, environment: &[(&str, &str)]) -> Result<Settings, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("settings.toml");
    std::fs::write(&path, file).expect("a file");
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Settings::layered(Some(&path), &environment).map_err(|error| error.to_string())
}

#[test]
fn the_explained_file_is_exactly_the_built_in_settings() {
    assert_eq!(layered("", &[]), Ok(Settings::default()));
    let explained = parsed("built-in", DEFAULT_TOML).expect("TOML");
    let built_in = Table::try_from(Settings::default()).expect("a table");
    for (section, keys) in &built_in {
        let explained = explained.get(section).and_then(Value::as_table).unwrap_or_else(|| panic!("[{section}] is missing in default.toml"));
        for key in keys.as_table().expect("sections are tables").keys() {
            assert!(explained.contains_key(key), "{section}.{key} is missing in default.toml");
        }
    }
}

#[test]
fn later_layers_win() {
    let file = "[server]\nlisten = '127.0.0.1:1000'\ndrain_seconds = 5\n[brand]\nname = 'Bank'";
    let settings = layered(file, &[("VISAVIS__SERVER__LISTEN", "127.0.0.1:2000"), ("DATABASE_URL", "postgres://u:p@h/d"), ("OTHER", "x")]).expect("settings");
    assert_eq!(settings.server.listen, "127.0.0.1:2000");
    assert_eq!(settings.server.drain_seconds, 5);
    assert_eq!(settings.brand.name, "Bank");
    assert_eq!(settings.storage.database(), "postgres://u:p@h/d");
}

#[test]
fn a_secret_may_lie_in_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = folder.path().join("url");
    std::fs::write(&secret, "postgres://u:s3cret@h/d\n").expect("a file");
    let settings = layered("", &[("VISAVIS__STORAGE__DATABASE_URL_FILE", &secret.display().to_string())]).expect("settings");
    assert_eq!(settings.storage.database_url, "postgres://u:s3cret@h/d");
    assert!(!settings.redacted().contains("s3cret"));
    assert!(settings.redacted().contains("postgres://[secret]@h/d"));
}

#[test]
fn what_does_not_exist_or_contradicts_is_refused() {
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);
    let table: [Case<'_>; 6] = [
        ("[server]\nlisten_on = 'x'", &[], "listen_on"),
        ("[sever]\nlisten = 'x'", &[], "sever"),
        ("", &[("VISAVIS__SERVER__PORT", "1")], "server.port: no such setting"),
        ("", &[("VISAVIS__SERVER__DRAIN_SECONDS", "soon")], "not a value"),
        ("[server]\nlisten = 'here'", &[], "server.listen is not address:port"),
        ("[server]\npublic_url = 'http://bank.example'", &[], "browsers refuse the camera"),
    ];
    for (file, environment, wanted) in table {
        let message = layered(file, environment).expect_err(wanted);
        assert!(message.contains(wanted), "{message} should say {wanted}");
    }
}

#[test]
fn the_production_example_is_valid() {
    let settings = layered(include_str!("../../../config/production.example.toml"), &[]).expect("settings");
    assert_eq!(settings.server.public_url, "https://ident.bank.example");
}
