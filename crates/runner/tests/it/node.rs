//! Node: CommonJS and modules, promises and callbacks, the console, errors.

use runner::LogLevels;
use serde_json::{Value, json};

use crate::rig::{REQUEST, Rig, told};

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_handler_answers() {
    let rig = Rig::new();
    if !rig.has("nodejs20.x") {
        return;
    }
    let cases = [
        ("app.js", "exports.handler = async (event) => event"),
        ("app.mjs", "export const handler = async (event) => event"),
        (
            "app.js",
            "exports.handler = (event, context, callback) => { setTimeout(() => callback(null, event), 1) }",
        ),
        (
            "app.cjs",
            "exports.handler = (event, context) => { if (context.tenantId !== 'blue') throw context; context.callbackWaitsForEmptyEventLoop = false; context.succeed(event) }",
        ),
    ];
    for (number, (file, text)) in cases.into_iter().enumerate() {
        let mut function = rig.function("nodejs20.x", file, text).await;
        function.revision = format!("case {number}");
        for _ in 0..2 {
            assert_eq!(
                rig.answer(&function, r#"{"a":["ü"]}"#).await,
                serde_json::json!({"a": ["ü"]}),
                "{text}"
            );
        }
    }
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn callbacks_are_no_more_since_node_24() {
    let rig = Rig::new();
    if !rig.has("nodejs24.x") {
        return;
    }
    let callback = "exports.handler = (event, context, callback) => callback(null, event)";
    let function = rig.function("nodejs24.x", "app.js", callback).await;
    let (kind, message) = rig.failure(&function, "{}").await;
    assert_eq!(kind, "Runtime.CallbackHandlerDeprecated");
    assert!(message.starts_with("ERROR: AWS Lambda has removed support for callback-based"), "{message}");

    let streams =
        "exports.handler = awslambda.streamifyResponse(async (event, out, context) => out.end('1'))";
    let function = rig.function("nodejs24.x", "app.js", streams).await;
    assert_eq!(rig.answer(&function, "{}").await, 1);
    rig.finish().await;
}

// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html#node-js-logging-advanced
#[tokio::test(flavor = "multi_thread")]
async fn the_console_in_json_keeps_what_it_is_given() {
    let rig = Rig::new();
    if !rig.has("nodejs20.x") {
        return;
    }
    let text = "exports.handler = async () => { console.log({ a: 1 }); console.error(new RangeError('far')); \
                console.warn('no', new RangeError('near')); return 1 }";
    let mut function = rig.function("nodejs20.x", "app.js", text).await;
    function.json_logs = Some(LogLevels { application: "INFO".into(), system: "WARN".into() });
    let outcome = rig.invoke(&function, "{}").await;
    let lines = String::from_utf8(outcome.log_tail).unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [object, error, beside] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!((&object["level"], &object["message"]), (&json!("INFO"), &json!({"a": 1})));
    assert_eq!(error["message"]["errorType"], "RangeError");
    assert_eq!(error["message"]["errorMessage"], "far");
    assert_eq!(error["message"]["stackTrace"][0], "RangeError: far");
    assert!(beside["message"].as_str().unwrap().starts_with("no RangeError: near\n"), "{beside}");
    assert_eq!((&beside["errorType"], &beside["errorMessage"]), (&json!("RangeError"), &json!("near")));
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_and_errors_read_as_on_aws() {
    let rig = Rig::new();
    if !rig.has("nodejs20.x") {
        return;
    }
    let text = "exports.handler = async () => { console.log('a %d\\nb', 1); throw new RangeError('far') }";
    let function = rig.function("nodejs20.x", "app.js", text).await;
    let outcome = rig.invoke(&function, "{}").await;
    let error: Value = serde_json::from_slice(&outcome.payload).unwrap();
    assert_eq!((&error["errorType"], &error["errorMessage"]), (&"RangeError".into(), &"far".into()));
    assert_eq!(error["trace"][0], "RangeError: far");
    assert!(told(&outcome).contains(&format!("Z\t{REQUEST}\tINFO\ta 1\rb\n")), "{}", told(&outcome));

    let cases = [
        ("1", "Runtime.HandlerNotFound", "app.handler is undefined or not exported"),
        ("require('nowhere')", "Runtime.ImportModuleError", "Error: Cannot find module 'nowhere'"),
        ("exports.handler = )", "Runtime.UserCodeSyntaxError", "SyntaxError: Unexpected token"),
        ("exports.handler = async () => 1n", "Runtime.MarshalError", "Unable to stringify response body"),
        (
            "exports.handler = () => { Promise.reject(new Error('lost')); return new Promise(() => {}) }",
            "Runtime.UnhandledPromiseRejection",
            "Error: lost",
        ),
    ];
    for (number, (text, error_type, message)) in cases.into_iter().enumerate() {
        let mut function = rig.function("nodejs20.x", "app.js", text).await;
        function.revision = format!("case {number}");
        let (found, sentence) = rig.failure(&function, "{}").await;
        assert_eq!(found, error_type, "{sentence}");
        assert!(sentence.starts_with(message), "{sentence}");
    }
    rig.finish().await;
}
