//! Archives: unpacked once, and never outside their folder.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;

use runner::{UnpackError, ZipSource};
use zip::write::SimpleFileOptions;

use crate::rig::{LIMIT, Rig, zip};

async fn refused(rig: &Rig, bytes: Vec<u8>, limit: u64) -> UnpackError {
    let error = rig.runner.unpack(ZipSource::Bytes(bytes.into()), limit).await.unwrap_err();
    let code = rig.folder.path().join("data/runner/code");
    assert_eq!(std::fs::read_dir(code).unwrap().count(), 0, "something is left of {error}");
    error
}

#[tokio::test(flavor = "multi_thread")]
async fn code_is_unpacked_once_with_its_modes() {
    let rig = Rig::new();
    let bytes = zip(&[("bootstrap", "x"), ("lib/a.py", "yy")]);
    let file = rig.folder.path().join("a.zip");
    std::fs::write(&file, &bytes).unwrap();
    let first = rig.runner.unpack(ZipSource::Bytes(bytes.into()), LIMIT).await.unwrap();
    let second = rig.runner.unpack(ZipSource::Path(file), LIMIT).await.unwrap();
    assert_eq!(first, second);
    assert_eq!(first.unpacked_bytes(), 3);
    let mode = std::fs::metadata(first.path().join("bootstrap")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_that_leave_are_refused() {
    let rig = Rig::new();
    for name in ["../evil", "a/../../evil", "/etc/evil", "..\\evil"] {
        let error = refused(&rig, zip(&[("fine", ""), (name, "x")]), LIMIT).await;
        assert!(matches!(error, UnpackError::Unsafe(_)), "{name}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_that_leave_are_refused_and_others_work() {
    let rig = Rig::new();
    let linked = |links: &[(&str, &str)]| {
        let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, target) in links {
            writer.add_symlink(*name, *target, SimpleFileOptions::default()).unwrap();
        }
        writer.start_file("dir/file", SimpleFileOptions::default()).unwrap();
        writer.write_all(b"text").unwrap();
        writer.finish().unwrap().into_inner()
    };
    for links in
        [&[("a", "/etc")][..], &[("a", "../..")], &[("dir/a", "b/../../..")], &[("l", "dir"), ("l/m", "x")]]
    {
        assert!(matches!(refused(&rig, linked(links), LIMIT).await, UnpackError::Unsafe(_)), "{links:?}");
    }
    let fine = linked(&[("dir/up", "../dir/file")]);
    let code = rig.runner.unpack(ZipSource::Bytes(fine.into()), LIMIT).await.unwrap();
    assert_eq!(std::fs::read_to_string(code.path().join("dir/up")).unwrap(), "text");
}

#[tokio::test(flavor = "multi_thread")]
async fn bombs_and_rubbish_are_refused() {
    let rig = Rig::new();
    let bomb = zip(&[("a", &"0".repeat(600_000)), ("b", &"0".repeat(600_000))]);
    assert!(bomb.len() < 5000);
    assert!(matches!(refused(&rig, bomb, 1_000_000).await, UnpackError::TooLarge(1_000_000)));
    assert!(matches!(refused(&rig, b"no archive".to_vec(), LIMIT).await, UnpackError::Broken(_)));
    let names: Vec<_> = (0..100_001).map(|number| number.to_string()).collect();
    let many: Vec<_> = names.iter().map(|name| (name.as_str(), "")).collect();
    assert!(matches!(refused(&rig, zip(&many), LIMIT).await, UnpackError::TooManyEntries(_)));
}
