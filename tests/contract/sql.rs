//! Every SQL text of every room is prepared on SQLite and on PostgreSQL.

use std::path::{Path, PathBuf};

use visavis::base::db::Db;

use crate::support::servers::fresh_database;

/// File, name and text of every string constant that is SQL.
fn statements() -> Vec<(String, String, &'static str)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    for file in stores(&root) {
        let text = std::fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(&root).unwrap().display().to_string();
        for piece in text.split("const ").skip(1) {
            let Some((constant, rest)) = piece.split_once(": &str =") else { continue };
            let Some(literal) = rest.trim_start().strip_prefix('"') else { continue };
            let sql = unescaped(literal);
            let is_sql = ["select", "insert", "update", "delete", "with"].iter().any(|verb| sql.trim_start().to_lowercase().starts_with(verb));
            if is_sql {
                found.push((name.clone(), constant.to_owned(), &*sql.leak()));
            }
        }
    }
    found
}

fn stores(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(stores(&path));
        } else if path.ends_with("store.rs") || path.components().any(|part| part.as_os_str() == "store") {
            found.push(path);
        }
    }
    found
}

/// The text of a string literal whose opening quote is already taken.
fn unescaped(literal: &str) -> String {
    let mut text = String::new();
    let mut letters = literal.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => return text,
            '\\' => match letters.next().expect("a literal ends with a quote") {
                '\n' => {
                    let rest = letters.as_str().trim_start();
                    letters = rest.chars();
                }
                'n' => text.push('\n'),
                other => text.push(other),
            },
            other => text.push(other),
        }
    }
    panic!("a literal ends with a quote");
}

async fn refused(db: &Db) -> Vec<String> {
    let mut found = Vec::new();
    for (file, name, sql) in statements() {
        if let Err(error) = db.prepare(sql).await {
            let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            found.push(format!("{file} {name}: {error}: {cause}"));
        }
    }
    found
}

#[tokio::test]
async fn every_statement_is_understood_by_both_databases() {
    let count = statements().len();
    assert!(count > 60, "only {count} statements found: does the test still read them?");
    let folder = tempfile::tempdir().unwrap();
    for url in [format!("sqlite://{}", folder.path().join("contract.db").display()), fresh_database().await] {
        let db = Db::open(&url).await.unwrap();
        db.migrate().await.unwrap();
        let refused = refused(&db).await;
        assert!(refused.is_empty(), "{} of {count} refused by {}:\n{}", refused.len(), &url[..8], refused.join("\n"));
        db.close().await;
    }
}

#[test]
fn literals_are_read_as_the_compiler_reads_them() {
    assert_eq!(unescaped("select \\\"a\\\", \\\n     b\" and more"), "select \"a\", b");
}
