//! Ruby handlers.

use serde_json::json;

use crate::rig::{REQUEST, Rig};

const RUNTIME: &str = "ruby3.3";

#[tokio::test(flavor = "multi_thread")]
async fn methods_and_class_methods_answer() {
    let rig = Rig::new();
    if !rig.has(RUNTIME) {
        return;
    }
    let text = "def handler(event:, context:)\n  puts 'seen'\n  { got: event['a'], id: context.aws_request_id, tenant: context.tenant_id, left: context.get_remaining_time_in_millis > 0, \
                mine: ENV['MINE'], trace: ENV['_X_AMZN_TRACE_ID'][0, 5], client: context.client_context['custom'] }\nend\n\
                class Shop\n  def self.sell(event:, context:)\n    event.reverse\n  end\nend\n";
    let mut function = rig.function(RUNTIME, "app.rb", text).await;
    let expected = json!({"got": "ä", "id": REQUEST, "tenant": "blue", "left": true, "mine": "yes", "trace": "Root=", "client": {"a": "b"}});
    for _ in 0..2 {
        assert_eq!(rig.answer(&function, r#"{"a":"ä"}"#).await, expected);
    }
    function.handler = "app.Shop.sell".into();
    function.revision = "2".into();
    assert_eq!(rig.answer(&function, "[1,2]").await, json!([2, 1]));
    let log = rig.seen.0.lock().unwrap().concat();
    assert!(log.contains("seen"), "{log}");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_have_the_names_of_aws() {
    let rig = Rig::new();
    if !rig.has(RUNTIME) {
        return;
    }
    let text = "class Odd < StandardError; end\ndef handler(event:, context:)\n  raise Odd, 'no'\nend\n";
    let function = rig.function(RUNTIME, "app.rb", text).await;
    let outcome = rig.invoke(&function, "1").await;
    let error: serde_json::Value = serde_json::from_slice(&outcome.payload).unwrap();
    assert_eq!(error["errorMessage"], "no");
    assert_eq!(error["errorType"], "Function<Odd>");
    let frames = error["stackTrace"].as_array().unwrap();
    assert!(frames.len() == 1 && frames[0].as_str().unwrap().contains("/app.rb:3:in"), "{error}");

    let broken = rig.function(RUNTIME, "app.rb", "require 'nothing/there'\n").await;
    let broken = runner::FunctionSpec { revision: "2".into(), ..broken };
    assert_eq!(rig.failure(&broken, "1").await.0, "Init<LoadError>");
    let missing = rig.function(RUNTIME, "app.rb", "def other; end\n").await;
    let missing = runner::FunctionSpec { revision: "3".into(), ..missing };
    assert_eq!(rig.failure(&missing, "1").await.0, "Init<NameError>");
    rig.finish().await;
}
