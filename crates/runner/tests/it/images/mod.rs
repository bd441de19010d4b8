//! Container images: found, unpacked, run.

mod build;

use runner::{CodeDir, Container, FunctionSpec, ImageError, SandboxStatus};
use serde_json::{Value, json};

use crate::provided::bash;
use crate::rig::Rig;
use build::{Built, Layer, gzip};

/// Answers each event with what `$WORK` prints.
fn serve() -> String {
    bash(r#"say POST "invocation/$id/response" "$(eval "$WORK")"; hear"#)
}

/// A program and what it needs, reached through links as images have them.
fn base() -> Layer {
    Layer::new().program("/bin/bash").file("srv/serve", serve())
}

fn config(execution: &Value) -> Value {
    json!({"architecture": "amd64", "os": "linux", "config": execution})
}

fn serving(work: &str) -> Value {
    config(&json!({
        "Entrypoint": ["/bin/bash"],
        "Cmd": ["/srv/serve"],
        "WorkingDir": "/srv",
        "Env": ["PATH=/bin:/usr/bin", "FROM_IMAGE=yes", format!("WORK={work}")],
    }))
}

async fn rig(places: Vec<String>) -> Option<Rig> {
    let rig = Rig::with(kernel::Clock::real(), |settings| settings.images = places);
    match rig.runner.sandbox_status() {
        SandboxStatus::Full => Some(rig),
        SandboxStatus::None(reason) => {
            eprintln!("skipped: this machine has no sandbox: {reason}");
            None
        }
    }
}

async fn function(rig: &Rig, uri: &str) -> FunctionSpec {
    let image = rig.runner.image(uri, "amd64").await.unwrap();
    FunctionSpec {
        runtime: String::new(),
        handler: String::new(),
        code: CodeDir::of_folder("/").unwrap(),
        container: Some(Container { image, entry_point: None, command: None, working_directory: None }),
        ..rig.python("").await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn layers_lie_over_each_other_and_the_image_is_the_root() {
    let Some(rig) = rig(Vec::new()).await else { return };
    let lower =
        base().link("linked", "/srv").file("srv/gone", "").file("srv/kept", "").file("srv/opaque/lower", "");
    let upper = Layer::new()
        .file("linked/added", "")
        .file("srv/.wh.gone", "")
        .file("srv/opaque/upper", "")
        .file("srv/opaque/.wh..wh..opq", "");
    let work = r#"echo \"$PWD: $(echo * opaque/*) $FROM_IMAGE $MINE ${_HANDLER-none} $(echo /root/*)\""#;
    let built = Built::oci("app:v1", &serving(work), vec![lower, upper]);
    let folder = built.folder(&rig.folder.path().join("layout"));
    let function = function(&rig, &format!("oci:{}", folder.display())).await;
    assert_eq!(function.container.as_ref().unwrap().image.digest(), built.digest);
    let expected = "/srv: added kept opaque serve opaque/upper yes yes none /root/*";
    for _ in 0..2 {
        assert_eq!(rig.answer(&function, "1").await, expected);
    }
    let log = rig.seen.0.lock().unwrap().concat();
    assert!(!log.contains("INIT_START"), "{log}");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_tmp_can_be_written() {
    let Some(rig) = rig(Vec::new()).await else { return };
    let work = r#"(echo x > /srv/mark) 2>/dev/null || (echo x > /tmp/mark) && echo \"$(< /tmp/mark)\""#;
    let built = Built::oci("app:v1", &serving(work), vec![base()]);
    let folder = built.folder(&rig.folder.path().join("layout"));
    let function = function(&rig, &format!("oci:{}", folder.display())).await;
    assert_eq!(rig.answer(&function, "1").await, "x");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_found_in_folders_of_saved_images() {
    let folder = tempfile::tempdir().unwrap();
    let Some(rig) = rig(vec![folder.path().display().to_string()]).await else { return };
    let saved = Built::saved("team/app:v1", &serving("echo 1"), vec![base().link("bin/sh", "bash")]);
    std::fs::write(folder.path().join("some.tar.gz"), gzip(&saved.archive())).unwrap();
    let newer = Built::oci("docker.io/team/app:v2", &serving("echo 2"), vec![base()]);
    std::fs::write(folder.path().join("other.tar"), newer.archive()).unwrap();
    std::fs::write(folder.path().join("rubbish.tar"), "rubbish").unwrap();
    for (tag, digest) in [(1, &saved.digest), (2, &newer.digest)] {
        for name in [format!("app:v{tag}"), format!("app@sha256:{digest}")] {
            let uri = format!("123456789012.dkr.ecr.us-east-1.amazonaws.com/team/{name}");
            let mut function = function(&rig, &uri).await;
            function.revision = name;
            assert_eq!(rig.answer(&function, "1").await, tag);
        }
    }
    let missing = rig.runner.image("team/app:v3", "amd64").await;
    assert!(matches!(missing, Err(ImageError::Missing)), "{missing:?}");
    let invalid = rig.runner.image("../app:v3", "amd64").await;
    assert!(matches!(invalid, Err(ImageError::Invalid)), "{invalid:?}");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_is_asked_where_one_is_named() {
    use std::io::{BufRead, BufReader, Write};
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("engine.sock");
    let engine = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let saved = Built::saved("app:v1", &serving("echo 1"), vec![base()]).archive();
    let serve = std::thread::spawn(move || {
        let mut asked = Vec::new();
        for answer in [Some(saved), None] {
            let (mut stream, _) = engine.accept().unwrap();
            let head =
                BufReader::new(&stream).lines().map(Result::unwrap).take_while(|line| !line.is_empty());
            asked.push(head.collect::<Vec<_>>()[0].clone());
            let status = if answer.is_some() { "200 OK" } else { "404 Not Found" };
            let body = answer.unwrap_or_default();
            write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n", body.len()).unwrap();
            stream.write_all(&body).unwrap();
        }
        asked
    });
    let Some(rig) = rig(vec![format!("unix://{}", socket.display())]).await else { return };
    let function = function(&rig, "app:v1").await;
    assert_eq!(rig.answer(&function, "1").await, 1);
    assert!(matches!(rig.runner.image("app:v2", "amd64").await, Err(ImageError::Missing)));
    assert_eq!(serve.join().unwrap(), ["GET /images/app:v1/get HTTP/1.1", "GET /images/app:v2/get HTTP/1.1"]);
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_image_says_can_be_said_otherwise() {
    let Some(rig) = rig(Vec::new()).await else { return };
    let layer = base().link("bin/sh", "bash").link("usr/local/bin/serve", "/srv/serve");
    let built = Built::oci("app:v1", &serving("echo [$#, \\\"$PWD\\\"]"), vec![layer]);
    let folder = built.folder(&rig.folder.path().join("layout"));
    let mut function = function(&rig, &format!("oci:{}", folder.display())).await;
    let container = function.container.as_mut().unwrap();
    container.entry_point = Some(vec!["serve".to_owned()]);
    container.command = Some(vec!["a".to_owned(), "b c".to_owned()]);
    container.working_directory = Some("/tmp".to_owned());
    let path = ("PATH".to_owned(), "/usr/local/bin:/bin".to_owned());
    function.environment.push(path);
    assert_eq!(rig.answer(&function, "1").await, json!([2, "/tmp"]));

    function.container.as_mut().unwrap().entry_point = Some(vec!["other".to_owned()]);
    function.revision = "2".to_owned();
    let outcome = rig.invoke(&function, "1").await;
    let log = String::from_utf8(outcome.log_tail).unwrap();
    let line = "IMAGE\tLaunch error: exec: \"other\": executable file not found in $PATH\tEntry Point: [other]\tCmd: [a b c]\tWorkingDir: [/tmp]\n";
    assert!(log.contains(line), "{log}");
    let error: Value = serde_json::from_slice(&outcome.payload).unwrap();
    assert_eq!(error["errorType"], "Runtime.InvalidEntrypoint");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn layers_reach_nothing_outside() {
    let Some(rig) = rig(Vec::new()).await else { return };
    let at = |name: &str| rig.folder.path().join(name);
    let outside = at("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("victim"), "whole").unwrap();
    let target = outside.to_str().unwrap();

    let through = Layer::new()
        .link("out", target)
        .link("up", "../../../../../../../../../../tmp")
        .file("out/written", "")
        .file("out/.wh.victim", "")
        .file("up/written", "");
    let built = Built::oci("app:v1", &config(&json!({})), vec![base(), through]);
    let uri = format!("oci:{}", built.folder(&at("through")).display());
    rig.runner.image(&uri, "amd64").await.unwrap();
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 1);

    for (number, name) in ["../escaped", "a/../../escaped"].into_iter().enumerate() {
        let built = Built::oci("app:v1", &config(&json!({})), vec![Layer::new().file(name, "")]);
        let folder = built.folder(&at(&format!("above{number}")));
        let refused = rig.runner.image(&format!("oci:{}", folder.display()), "amd64").await;
        assert!(matches!(refused, Err(ImageError::Broken(_))), "{refused:?}");
    }
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_images_are_refused_and_leave_nothing() {
    let Some(rig) = rig(Vec::new()).await else { return };
    let built = Built::oci("app:v1", &serving("echo 1"), vec![base(), Layer::new().file("a", "b")]);
    let folder = built.folder(&rig.folder.path().join("layout"));
    let uri = format!("oci:{}", folder.display());
    let other = rig.runner.image(&uri, "s390x").await;
    assert!(matches!(other, Err(ImageError::Architecture(_))), "{other:?}");
    // The last layer is changed on disk.
    let (name, content) = &built.files[2];
    std::fs::write(folder.join(name), [content.as_slice(), b"more"].concat()).unwrap();
    let changed = rig.runner.image(&uri, "amd64").await;
    assert!(matches!(changed, Err(ImageError::Broken(_))), "{changed:?}");
    std::fs::remove_file(folder.join(name)).unwrap();
    let gone = rig.runner.image(&uri, "amd64").await;
    assert!(matches!(gone, Err(ImageError::Broken(_))), "{gone:?}");
    let left = std::fs::read_dir(rig.folder.path().join("data/runner/images")).unwrap().count();
    assert_eq!(left, 0);
    rig.finish().await;
}

/// An extension that registers, and says so.
const EXTENSION: &str = r#"#!/bin/bash
exec 3<>"/dev/tcp/${AWS_LAMBDA_RUNTIME_API/://}"
body='{"events":["INVOKE"]}'
printf 'POST /2020-01-01/extension/register HTTP/1.1\r\nHost: a\r\nLambda-Extension-Name: beside\r\nContent-Length: %d\r\n\r\n%s' "${#body}" "$body" >&3
length=0
while IFS= read -r line <&3 && line="${line%$'\r'}" && [ -n "$line" ]; do
    case "${line,,}" in
        content-length:*) length="${line##*: }" ;;
        lambda-extension-identifier:*) id="${line##*: }" ;;
    esac
done
IFS= read -r -N "$length" body <&3
echo "registered"
while printf 'GET /2020-01-01/extension/event/next HTTP/1.1\r\nHost: a\r\nLambda-Extension-Identifier: %s\r\n\r\n' "$id" >&3; do
    while IFS= read -r line <&3 && line="${line%$'\r'}" && [ -n "$line" ]; do
        case "${line,,}" in content-length:*) length="${line##*: }" ;; esac
    done
    IFS= read -r -N "$length" body <&3 || exit
done
"#;

#[tokio::test(flavor = "multi_thread")]
async fn images_bring_extensions() {
    let Some(rig) = rig(Vec::new()).await else { return };
    let layer = base().link("bin/sh", "bash").file("opt/extensions/beside", EXTENSION);
    let built = Built::oci("app:v1", &serving("echo 1"), vec![layer]);
    let folder = built.folder(&rig.folder.path().join("layout"));
    let function = function(&rig, &format!("oci:{}", folder.display())).await;
    assert_eq!(rig.answer(&function, "1").await, 1);
    let seen = rig.seen.clone();
    rig.finish().await;
    let log = seen.0.lock().unwrap().concat();
    assert!(log.contains("registered") && log.contains("EXTENSION\tName: beside\tState: Ready"), "{log}");
}
