//! `provided`: programs that speak the Runtime API themselves, well or badly.

use crate::rig::{LIMIT, Rig, zip};
use runner::ZipSource;

/// A client of the API in a few lines of bash, which needs nothing else.
pub fn bash(work: &str) -> String {
    format!(
        r#"#!/bin/bash
exec 3<>"/dev/tcp/${{AWS_LAMBDA_RUNTIME_API/://}}"
say() {{ printf "$1 /2018-06-01/runtime/$2 HTTP/1.1\r\nHost: a\r\nContent-Length: ${{#3}}\r\n\r\n%s" "$3" >&3; }}
hear() {{
    length=0
    IFS= read -r status <&3
    while IFS= read -r line <&3 && line="${{line%$'\r'}}" && [ -n "$line" ]; do
        case "${{line,,}}" in
            content-length:*) length="${{line##*: }}" ;;
            lambda-runtime-aws-request-id:*) id="${{line##*: }}" ;;
        esac
    done
    IFS= read -r -N "$length" body <&3
}}
while :; do
    say GET invocation/next ""; hear
    event="$body"
    {work}
done
"#
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bash_bootstrap_answers() {
    let rig = Rig::new();
    let work = r#"say POST "invocation/$id/response" "{\"got\":$event}"; hear"#;
    let function = rig.function("provided.al2023", "bootstrap", &bash(work)).await;
    for payload in ["1", "[2]"] {
        assert_eq!(rig.answer(&function, payload).await["got"].to_string(), payload);
    }
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_and_repeated_answers_are_refused() {
    let rig = Rig::new();
    let work = r#"
        say POST invocation/other/response "1"; hear; first="${status%$'\r'}"
        say POST "nonsense" "1"; hear; second="${status%$'\r'}"
        say POST "invocation/$id/response" "\"$first, $second\""; hear"#;
    let function = rig.function("provided.al2023", "bootstrap", &bash(work)).await;
    assert_eq!(rig.answer(&function, "1").await, "HTTP/1.1 400 Bad Request, HTTP/1.1 404 Not Found");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_on_the_wire_is_an_exit_like_any_other() {
    let rig = Rig::new();
    let function = rig.function("provided.al2023", "bootstrap", &bash("echo rubbish >&3; exit 3")).await;
    let (error_type, message) = rig.failure(&function, "1").await;
    assert_eq!(error_type, "Runtime.ExitError");
    assert!(message.ends_with("Error: Runtime exited with error: exit status 3"), "{message}");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bootstrap_must_be_there_and_executable() {
    let rig = Rig::new();
    let function = rig.function("provided.al2023", "other", "").await;
    let (error_type, message) = rig.failure(&function, "1").await;
    assert_eq!(error_type, "Runtime.InvalidEntrypoint");
    assert!(
        message.ends_with("Error: Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]")
    );

    let mut plain = function.clone();
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(zip(&[])));
    writer.start_file("bootstrap", zip::write::SimpleFileOptions::default().unix_permissions(0o644)).unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    plain.code = rig.runner.unpack(ZipSource::Bytes(bytes.into()), LIMIT).await.unwrap();
    let (_, message) = rig.failure(&plain, "1").await;
    assert!(message.ends_with("permission denied"), "{message}");

    let function = rig.function("provided.al2023", "bootstrap", "neither a program nor a script").await;
    let (error_type, message) = rig.failure(&function, "1").await;
    assert_eq!(error_type, "Runtime.InvalidEntrypoint");
    assert!(message.ends_with("Error: fork/exec /var/task/bootstrap: exec format error"), "{message}");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_for_sh_are_run_by_bash() {
    let rig = Rig::new();
    let work = r#"say POST "invocation/$id/response" "[$(set -o pipefail && echo 1)]"; hear"#;
    let text = bash(work).replace("#!/bin/bash", "#!/bin/sh");
    let function = rig.function("provided.al2023", "bootstrap", &text).await;
    assert_eq!(rig.answer(&function, "1").await, serde_json::json!([1]));
    rig.finish().await;
}
