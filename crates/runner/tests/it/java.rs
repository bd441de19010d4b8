//! Java handlers, compiled by the machine's own development kit.

use std::path::PathBuf;
use std::process::Command;

use runner::{FunctionSpec, ZipSource};
use serde_json::{Value, json};

use crate::rig::{LIMIT, REQUEST, Rig};

const RUNTIME: &str = "java17";
const SOURCE: &str = r#"
package shop;

import com.amazonaws.services.lambda.runtime.*;
import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import java.io.*;
import java.util.*;

public class Handlers implements RequestHandler<Map<String, Object>, Map<String, Object>> {
    public Map<String, Object> handleRequest(Map<String, Object> event, Context context) {
        context.getLogger().log("seen\n", LogLevel.INFO);
        Map<String, Object> told = new LinkedHashMap<>(event);
        told.put("id", context.getAwsRequestId());
        told.put("mine", System.getenv("MINE"));
        told.put("left", context.getRemainingTimeInMillis() > 0);
        told.put("custom", context.getClientContext().getCustom());
        told.put("tenant", context.getTenantId());
        told.put("memory", context.getMemoryLimitInMB());
        return told;
    }

    public static class Item {
        private String name;
        public int count;
        private List<Double> prices;
        public String getName() { return name; }
        public void setName(String name) { this.name = name; }
        public List<Double> getPrices() { return prices; }
        public void setPrices(List<Double> prices) { this.prices = prices; }
        public boolean isDear() { return prices.stream().anyMatch(price -> price > 10); }
    }

    public record Order(String id, List<Item> items, Color color) {}

    public enum Color { RED, BLUE }

    public Order order(Order order) {
        order.items().get(0).setName(order.items().get(0).getName() + "!");
        return order;
    }

    public static String plain(String text) { return "\u0001" + text; }

    public void bytes(InputStream in, OutputStream out, Context context) throws IOException {
        out.write('[');
        in.transferTo(out);
        out.write(']');
    }

    public int fail(int number) {
        throw new IllegalStateException("no " + number, new RuntimeException("deeper"));
    }
}
"#;

/// The function of that handler, if this machine has a compiler.
async fn function(rig: &Rig, handler: &str) -> Option<FunctionSpec> {
    let found = rig.runner.runtimes().into_iter().find(|info| info.name == RUNTIME);
    let Some(java) = found.and_then(|info| info.interpreter) else {
        eprintln!("skipped: this machine has no Java development kit");
        return None;
    };
    let folder = rig.folder.path().join("java");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("Handlers.java"), SOURCE).unwrap();
    let interfaces = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/bootstrap/java");
    let status = Command::new(java.with_file_name("javac"))
        .args(["-implicit:none", "-sourcepath"])
        .arg(interfaces)
        .arg("-d")
        .arg(&folder)
        .arg(folder.join("Handlers.java"))
        .status();
    assert!(status.unwrap().success());
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for entry in std::fs::read_dir(folder.join("shop")).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("shop/{}", path.file_name().unwrap().to_str().unwrap());
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut archive, &std::fs::read(path).unwrap()).unwrap();
    }
    let bytes = archive.finish().unwrap().into_inner();
    let code = rig.runner.unpack(ZipSource::Bytes(bytes.into()), LIMIT).await.unwrap();
    Some(FunctionSpec {
        runtime: RUNTIME.into(),
        handler: handler.into(),
        revision: handler.into(),
        code,
        ..rig.python("").await
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn events_become_what_handlers_take_and_answers_json() {
    let rig = Rig::new();
    let Some(map) = function(&rig, "shop.Handlers").await else { return };
    let event =
        json!({"text": "ä\"\n", "number": 1, "big": 12_345_678_901_i64, "half": 0.5, "list": [null, true]});
    let mut expected = event.clone();
    for (name, value) in [("id", json!(REQUEST)), ("mine", json!("yes")), ("left", json!(true))] {
        expected[name] = value;
    }
    expected["custom"] = json!({"a": "b"});
    expected["tenant"] = json!("blue");
    expected["memory"] = json!(256);
    for _ in 0..2 {
        assert_eq!(rig.answer(&map, &event.to_string()).await, expected);
    }
    let other = |handler: &str| FunctionSpec {
        handler: format!("shop.Handlers::{handler}"),
        revision: handler.to_owned(),
        ..map.clone()
    };
    let order = json!({"id": "7", "items": [{"name": "tea", "Count": 2, "prices": [1, 12.5], "unknown": {}}], "color": "BLUE"});
    let answer = json!({"id": "7", "items": [{"count": 2, "name": "tea!", "prices": [1.0, 12.5], "dear": true}], "color": "BLUE"});
    assert_eq!(rig.answer(&other("order"), &order.to_string()).await, answer);
    assert_eq!(rig.answer(&other("plain"), "\"x\"").await, "\u{1}x");
    assert_eq!(rig.answer(&other("bytes"), "{}").await, json!([{}]));
    let log = rig.seen.0.lock().unwrap().concat();
    assert!(log.contains("seen") && log.contains("INIT_START Runtime Version: java:17"), "{log}");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_tell_their_causes() {
    let rig = Rig::new();
    let Some(spec) = function(&rig, "shop.Handlers::fail").await else { return };
    let outcome = rig.invoke(&spec, "3").await;
    let error: Value = serde_json::from_slice(&outcome.payload).unwrap();
    assert_eq!(error["errorMessage"], "no 3");
    assert_eq!(error["errorType"], "java.lang.IllegalStateException");
    let frames = error["stackTrace"].as_array().unwrap();
    assert!(frames[0].as_str().unwrap().starts_with("shop.Handlers.fail(Handlers.java:"), "{error}");
    assert_eq!(error["cause"]["errorMessage"], "deeper");
    let missing = |handler: &str| FunctionSpec {
        handler: handler.to_owned(),
        revision: handler.to_owned(),
        ..spec.clone()
    };
    let (kind, message) = rig.failure(&missing("shop.Nothing::x"), "1").await;
    assert_eq!(
        (kind.as_str(), message.as_str()),
        ("java.lang.ClassNotFoundException", "Class not found: shop.Nothing")
    );
    let (kind, message) = rig.failure(&missing("shop.Handlers::none"), "1").await;
    assert_eq!(kind, "java.lang.NoSuchMethodException");
    assert_eq!(
        message,
        "No public method named none with appropriate method signature found on class shop.Handlers"
    );
    rig.finish().await;
}
