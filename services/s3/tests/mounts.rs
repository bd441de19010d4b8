//! Buckets that are folders.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests fail by panicking")]
#![allow(clippy::disallowed_methods, reason = "the folder is what is tested")]

mod emulator;

use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime};

use api_s3::{DeleteObject, DeleteObjectInput, GetObject, PutObject, PutObjectInput};
use emulator::{BUCKET, code, emulator, get, get_input, put, put_input};
use kernel::work::Next;
use kernel::{Calls, Context, Service};
use store::{Mount, Store};

/// The service with a folder. Requests of the context do not reach it, as if they had come while it was away.
fn shared(store: &Store, folder: &Path) -> Service {
    service_s3::service(store, vec![(BUCKET.to_owned(), Mount::open(folder).unwrap())])
}

async fn follow(cx: &Context, service: &Service) -> Next {
    let worker = service.workers.iter().find(|worker| worker.name() == "s3 folder").unwrap();
    worker.run(cx).await.unwrap()
}

fn write(file: &Path, body: &str, written: SystemTime) {
    std::fs::write(file, body).unwrap();
    File::options().write(true).open(file).unwrap().set_modified(written).unwrap();
}

#[tokio::test]
async fn of_two_that_changed_the_later_one_counts() {
    let (cx, store) = emulator();
    let home = tempfile::tempdir().unwrap();
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(cx.clock.now().as_second() as u64);
    for name in ["file", "object", "both-new"] {
        write(&home.path().join(name), "first", now);
    }
    std::fs::remove_file(home.path().join("both-new")).unwrap();
    follow(&cx, &shared(&store, home.path())).await;

    cx.clock.advance(Duration::from_secs(60));
    for key in ["file", "object", "both-new"] {
        put(&cx, key, "from the client").await.unwrap();
    }
    write(&home.path().join("file"), "from the disk", now + Duration::from_secs(90));
    write(&home.path().join("object"), "from the disk", now + Duration::from_secs(30));
    write(&home.path().join("both-new"), "from the disk", now + Duration::from_secs(90));
    follow(&cx, &shared(&store, home.path())).await;

    let read = |name: &str| std::fs::read_to_string(home.path().join(name)).unwrap();
    for (name, body) in
        [("file", "from the disk"), ("object", "from the client"), ("both-new", "from the disk")]
    {
        assert_eq!((get(&cx, name).await.unwrap(), read(name)), (body.into(), body.to_owned()), "{name}");
    }
}

/// What is left when the process ends after a file got its name and before that is known: the file is no news.
#[tokio::test]
async fn a_file_that_followed_its_object_does_not_come_back() {
    let (cx, store) = emulator();
    let home = tempfile::tempdir().unwrap();
    follow(&cx, &shared(&store, home.path())).await;
    let written = SystemTime::UNIX_EPOCH + Duration::from_millis(cx.clock.millis() as u64);
    let input = PutObjectInput { content_type: Some("text/x".to_owned()), ..put_input("key", "newer") };
    cx.call::<PutObject>(input).await.unwrap();
    write(&home.path().join("key"), "older", written);
    follow(&cx, &shared(&store, home.path())).await;
    let read = cx.call::<GetObject>(get_input("key")).await.unwrap();
    assert_eq!(read.content_type.as_deref(), Some("text/x"));
    assert_eq!(read.body.collect(usize::MAX).await.unwrap(), "newer");
    assert_eq!(std::fs::read_to_string(home.path().join("key")).unwrap(), "newer");
}

/// The object's bytes are those that the file had, but it was put again since the file changed.
#[tokio::test]
async fn the_same_bytes_put_again_are_later() {
    let (cx, store) = emulator();
    let home = tempfile::tempdir().unwrap();
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(cx.clock.now().as_second() as u64);
    write(&home.path().join("key"), "same", now);
    follow(&cx, &shared(&store, home.path())).await;
    cx.clock.advance(Duration::from_secs(60));
    write(&home.path().join("key"), "other", now + Duration::from_secs(30));
    put(&cx, "key", "same").await.unwrap();
    follow(&cx, &shared(&store, home.path())).await;
    assert_eq!(get(&cx, "key").await.unwrap(), "same");
    assert_eq!(std::fs::read_to_string(home.path().join("key")).unwrap(), "same");
}

#[tokio::test]
async fn the_folder_is_shared_again_after_a_reset() {
    let (cx, store) = emulator();
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("file"), "body").unwrap();
    let service = shared(&store, home.path());
    follow(&cx, &service).await;
    store.reset().await.unwrap();
    service.forget.iter().for_each(|forget| forget());
    follow(&cx, &service).await;
    assert_eq!(get(&cx, "file").await.unwrap(), "body");
}

#[tokio::test]
async fn a_folders_object_takes_no_file_with_it() {
    let (mut cx, store) = emulator();
    let home = tempfile::tempdir().unwrap();
    let service = shared(&store, home.path());
    follow(&cx, &service).await;
    cx.calls = Calls::default();
    cx.calls.register(vec![service]);
    put(&cx, "name/", "").await.unwrap();
    std::fs::remove_dir(home.path().join("name")).unwrap();
    std::fs::write(home.path().join("name"), "a file by now").unwrap();
    let input = DeleteObjectInput { bucket: BUCKET.into(), key: "name/".into(), ..Default::default() };
    cx.call::<DeleteObject>(input).await.unwrap();
    assert_eq!(code::<GetObject>(&cx, get_input("name/")).await, "NoSuchKey");
    assert_eq!(std::fs::read_to_string(home.path().join("name")).unwrap(), "a file by now");
}
