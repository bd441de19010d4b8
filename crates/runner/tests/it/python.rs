//! Python: events, context, variables, logging, errors.

use runner::ZipSource;

use crate::rig::{LIMIT, REQUEST, Rig, event, told, zip};

#[tokio::test(flavor = "multi_thread")]
async fn the_second_event_goes_to_the_same_process() {
    let rig = Rig::new();
    let function = rig
        .python("import uuid\nME = str(uuid.uuid4())\ndef handler(event, context):\n    return [ME, event]")
        .await;
    let first = rig.invoke(&function, r#"{"a": [1, "ü"]}"#).await;
    let second = rig.invoke(&function, r#"{"a": [1, "ü"]}"#).await;
    assert_eq!(first.payload, second.payload);
    assert!(String::from_utf8_lossy(&first.payload).contains(r#"{"a": [1, "ü"]}"#));
    assert!(first.init.is_some() && second.init.is_none());
    assert_eq!(first.log_stream, second.log_stream);
    assert!(first.max_memory_mb > 4 && first.max_memory_mb < 100, "{}", first.max_memory_mb);
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn variables_and_context_are_those_of_aws() {
    let rig = Rig::new();
    let text = "import os\ndef handler(event, c):\n    return dict(os.environ, id=c.aws_request_id, name=c.function_name, tenant=c.tenant_id, arn=c.invoked_function_arn, mem=c.memory_limit_in_mb, stream=c.log_stream_name, left=c.get_remaining_time_in_millis(), custom=c.client_context.custom)";
    let function = rig.python(text).await;
    let answer = rig.answer(&function, "{}").await;
    for (name, value) in [
        ("_HANDLER", "app.handler"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("AWS_EXECUTION_ENV", "AWS_Lambda_python3.11"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:4566"),
        ("EDGE_PORT", "4566"),
        ("LOCALSTACK_HOSTNAME", "127.0.0.1"),
        ("AWS_SESSION_TOKEN", "ST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("TZ", ":UTC"),
        ("MINE", "yes"),
        ("tenant", "blue"),
        ("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793"),
        ("id", REQUEST),
        ("name", "f"),
        ("mem", "256"),
    ] {
        assert_eq!(answer[name], value, "{name}");
    }
    assert_eq!(answer["AWS_LAMBDA_LOG_STREAM_NAME"], answer["stream"]);
    assert_eq!(answer["custom"]["a"], "b");
    let left = answer["left"].as_i64().unwrap();
    assert!(left > 0 && left <= 20_000, "{left}");
    assert!(answer.get("AWS_LAMBDA_MAX_CONCURRENCY").is_none());
    // The server's own environment stays with the server.
    assert!(answer.get("CARGO_MANIFEST_DIR").is_none() && answer.get("HOME").is_none());
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_an_answer_that_is_not_streamed() {
    let rig = Rig::new();
    let function = rig.python("def handler(event, context):\n    return event").await;
    let (sender, mut parts) = tokio::sync::mpsc::unbounded_channel();
    let invocation = runner::Invocation { stream: Some(sender), ..event("1") };
    assert_eq!(rig.runner.invoke(&function, invocation).await.unwrap().payload, "1");
    assert_eq!(parts.recv().await, None);
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn environments_of_capacity_providers_know_what_they_are() {
    let rig = Rig::new();
    let function = rig.python("import os\ndef handler(event, context):\n    return dict(os.environ)").await;
    let function = runner::FunctionSpec { is_managed: true, ..function };
    let answer = rig.answer(&function, "{}").await;
    assert_eq!(answer["AWS_LAMBDA_INITIALIZATION_TYPE"], "lambda-managed-instances");
    assert_eq!(answer["AWS_LAMBDA_MAX_CONCURRENCY"], "1");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_read_as_on_aws() {
    let rig = Rig::new();
    let text = "import logging\nlogging.getLogger().setLevel('INFO')\ndef handler(e, c):\n    print('printed')\n    logging.info('logged')\n    print('no end', end='')";
    let function = rig.python(text).await;
    let outcome = rig.invoke(&function, "null").await;
    let log = told(&outcome);
    assert!(
        log.contains(&format!("START RequestId: {REQUEST} Version: $LATEST\nprinted\n[INFO]\t20")),
        "{log}"
    );
    assert!(
        log.contains(&format!(
            "Z\t{REQUEST}\tlogged\nno end\nEND RequestId: {REQUEST}\nREPORT RequestId: {REQUEST}\tDuration: "
        )),
        "{log}"
    );
    assert!(
        log.contains("\tMemory Size: 256 MB\tMax Memory Used: ") && log.contains(" MB\tInit Duration: "),
        "{log}"
    );
    let seen = rig.seen.0.lock().unwrap().clone();
    assert!(seen[0].starts_with("INIT_START Runtime Version: python:3.11"), "{seen:?}");
    assert!(seen.contains(&"no end".to_owned()), "{seen:?}");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_read_as_on_aws() {
    let rig = Rig::new();
    let raising = rig.python("def handler(e, c):\n    raise ValueError('no ' + e)").await;
    let outcome = rig.invoke(&raising, "\"way\"").await;
    let error: serde_json::Value = serde_json::from_slice(&outcome.payload).unwrap();
    assert_eq!((&error["errorType"], &error["errorMessage"]), (&"ValueError".into(), &"no way".into()));
    assert_eq!(error["requestId"], REQUEST);
    let trace = error["stackTrace"][0].as_str().unwrap();
    assert!(trace.contains("app.py\", line 2, in handler\n    raise ValueError('no ' + e)\n"), "{trace}");
    assert!(told(&outcome).contains("[ERROR] ValueError: no way\rTraceback (most recent call last):\r"));

    let cases = [
        ("x = 1", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
        (
            "import nowhere",
            "Runtime.ImportModuleError",
            "Unable to import module 'app': No module named 'nowhere'",
        ),
        ("def handler(:", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app': "),
        (
            "def handler(e, c):\n    return {1, 2}",
            "Runtime.MarshalError",
            "Unable to marshal response: Object of type set is not JSON serializable",
        ),
        ("raise KeyError('k')", "KeyError", "'k'"),
    ];
    for (number, (text, error_type, message)) in cases.into_iter().enumerate() {
        let mut function = rig.python(text).await;
        function.revision = format!("case {number}");
        let (found, sentence) = rig.failure(&function, "{}").await;
        assert_eq!(found, error_type);
        assert!(sentence.starts_with(message), "{sentence}");
    }
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrapper_starts_the_runtime() {
    for rig in [Rig::new(), Rig::unsandboxed()] {
        let app = "import os\ndef handler(e, c):\n    return os.environ['WRAPPED']";
        let files = [("app.py", app), ("wrap", "#!/bin/bash\nexport WRAPPED=yes\nexec \"$@\"\n")];
        let mut function = rig.python("").await;
        function.code = rig.runner.unpack(ZipSource::Bytes(zip(&files).into()), LIMIT).await.unwrap();
        function.environment.push(("AWS_LAMBDA_EXEC_WRAPPER".into(), "/var/task/wrap".into()));
        assert_eq!(rig.answer(&function, "1").await, "yes");
        rig.finish().await;
    }
}
