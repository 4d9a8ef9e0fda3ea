use super::*;

pub(super) fn vault(folder: &Path) -> Vault {
    let folders = Folders { keys: folder.join("keys"), objects: folder.join("objects"), recordings: folder.join("recordings") };
    Vault::open(folders, Ambient::system()).unwrap()
}

pub(super) fn patterned(len: usize) -> Vec<u8> {
    (0..len).map(|i| u8::try_from((i * 31 + i / 251) % 256).unwrap()).collect()
}

fn on_disk(vault: &Vault, path: &str) -> PathBuf {
    vault.inside.place(path).unwrap()
}

#[tokio::test]
async fn every_length_and_range_reads_back() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    for len in [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000] {
        let bytes = patterned(len);
        let filed = vault.put("captures/a", bytes.clone()).await.unwrap();
        assert_eq!(filed.size, len as u64);
        assert_eq!(filed.sha256, hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&bytes)));
        assert_eq!(vault.size(&filed.path).await.unwrap(), len as u64);
        assert_eq!(vault.get(&filed.path).await.unwrap(), bytes);
        for (start, take) in [(0, 10), (65_530, 20), (65_536, 1), (130_000, 80_000), (len, 5), (len + 7, 5)] {
            let expected = &bytes[start.min(len)..(start + take).min(len)];
            assert_eq!(vault.read_range(&filed.path, start as u64, take).await.unwrap(), expected, "{len} {start} {take}");
        }
        assert!(!std::fs::read(on_disk(&vault, &filed.path)).unwrap().windows(64).any(|w| bytes.windows(64).next() == Some(w)), "plain bytes on disk");
    }
}

#[tokio::test]
async fn a_changed_cut_or_exchanged_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    let one = vault.put("a", patterned(200_000)).await.unwrap().path;
    let other = vault.put("a", patterned(200_000)).await.unwrap().path;
    let (place, good) = (on_disk(&vault, &one), std::fs::read(on_disk(&vault, &one)).unwrap());
    let chunk = 65_536 + 16;
    let swapped = [
        &good[..seal::HEADER],
        &good[seal::HEADER + chunk..seal::HEADER + 2 * chunk],
        &good[seal::HEADER..seal::HEADER + chunk],
        &good[seal::HEADER + 2 * chunk..],
    ]
    .concat();
    let mut cases = vec![
        ("exchanged", std::fs::read(on_disk(&vault, &other)).unwrap()),
        ("chunks swapped", swapped),
        ("cut at a chunk", good[..seal::HEADER + chunk].to_vec()),
        ("cut within a chunk", good[..good.len() - 100].to_vec()),
        ("cut in the header", good[..20].to_vec()),
        ("empty", Vec::new()),
        ("longer", [good.as_slice(), &[0; 40]].concat()),
    ];
    for at in [0, 9, 30, 60, seal::HEADER + 5, good.len() - 1] {
        let mut flipped = good.clone();
        flipped[at] ^= 1;
        cases.push(("bit flipped", flipped));
    }
    for (name, bytes) in cases {
        std::fs::write(&place, &bytes).unwrap();
        assert!(matches!(vault.get(&one).await, Err(VaultError::Damaged)), "{name}");
    }
    std::fs::write(&place, good[..seal::HEADER + chunk].as_ref() as &[u8]).unwrap();
    assert!(matches!(vault.read_range(&one, 0, 10).await, Err(VaultError::Damaged)), "a cut is seen by every range");
}

#[tokio::test]
async fn paths_stay_inside() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    for path in ["", "../x", "a/../../x", "/etc/passwd", "a/./..", "recordings/", "recordings/../x", "a\0b", "ü"] {
        assert!(matches!(vault.get(path).await, Err(VaultError::BadPath)), "{path:?}");
    }
    assert!(matches!(vault.get("captures/none").await, Err(VaultError::Missing)));
    assert!(on_disk(&vault, "recordings/2026/x").starts_with(folder.path().join("recordings/2026")));
}

#[tokio::test]
async fn the_key_is_made_once_and_private() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let filed = vault(folder.path()).put("a", b"x".to_vec()).await.unwrap();
    assert_eq!(vault(folder.path()).get(&filed.path).await.unwrap(), b"x");
    let key = folder.path().join("keys/kek");
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::write(&key, "short").unwrap();
    let folders = Folders { keys: folder.path().join("keys"), objects: folder.path().join("o"), recordings: folder.path().join("r") };
    assert!(matches!(Vault::open(folders, Ambient::system()), Err(VaultError::Damaged)));
}

#[tokio::test]
async fn nothing_is_left_of_a_failed_writing() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path());
    std::fs::create_dir_all(folder.path().join("objects/a/b")).unwrap();
    let source = vault.scratch().await.unwrap();
    assert!(vault.put_file("a/b", source).await.is_err(), "a folder stands where the file should go");
    let left: Vec<_> = std::fs::read_dir(folder.path().join("objects/a")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["b"]);
    assert_eq!(std::fs::read_dir(folder.path().join("recordings")).unwrap().count(), 0, "scratch has no name");
}
