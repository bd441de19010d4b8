//! AWS's own examples.

use serde_json::{Value, json};

use super::{Origin, Transformed, Transformer, read};

fn transform(config: &Value, message: &str) -> Value {
    let origin = Origin {
        values: vec![
            ("@logGroupName", "myLogGroupName".to_owned()),
            ("@logGroupStream", "myLogStreamName".to_owned()),
            ("@accountId", "012345678912".to_owned()),
            ("@regionName", "us-east-1".to_owned()),
        ],
    };
    let transformer = Transformer::new(&read(&config.to_string()).unwrap()).unwrap();
    match transformer.apply(message, &origin) {
        Transformed::Done(text) => serde_json::from_str(&text).unwrap(),
        Transformed::Failed(reason) => Value::String(reason),
    }
}

fn grok(pattern: &str, message: &str) -> Value {
    transform(&json!([{ "grok": { "match": pattern } }]), message)
}

fn after_json(processor: &Value, event: &Value) -> Value {
    transform(&json!([{ "parseJSON": {} }, processor]), &event.to_string())
}

fn refused(config: &Value) -> String {
    let refused = read(&config.to_string()).and_then(|config| Transformer::new(&config)).unwrap_err();
    let fault: kernel::Fault = refused.into();
    format!("{}: {}", fault.code(), fault.message())
}

#[test]
fn parsers_as_documented() {
    let event = json!({ "outer_key": { "inner_key": "inner_value" } });
    let under = transform(&json!([{ "parseJSON": { "destination": "new_key" } }]), &event.to_string());
    assert_eq!(under, json!({ "new_key": event }));
    let csv = transform(
        &json!([{ "csv": { "delimiter": ":", "quoteCharacter": "'" } }]),
        "'Akua Mansa':28:'New York: USA'",
    );
    assert_eq!(csv, json!({ "column_1": "Akua Mansa", "column_2": "28", "column_3": "New York: USA" }));
    let event = json!({ "timestamp": "2024-11-23T16:03:12Z", "type": "user_data", "logMsg": "'Akua Mansa':28:'New York: USA'" });
    let csv = json!({ "csv": { "source": "logMsg", "delimiter": ":", "quoteCharacter": "'", "columns": ["name", "age", "location"], "destination": "msg" } });
    let mut expected = event.clone();
    expected["msg"] = json!({ "name": "Akua Mansa", "age": "28", "location": "New York: USA" });
    assert_eq!(after_json(&csv, &event), expected);
    let pairs = transform(
        &json!([{ "parseKeyValue": {
            "destination": "new_key", "fieldDelimiter": "!", "keyValueDelimiter": ":",
            "nonMatchValue": "defaultValue", "keyPrefix": "parsed_",
        } }]),
        "key1:value1!key2:value2!key3:value3!key4",
    );
    let expected = json!({ "new_key": {
        "parsed_key1": "value1", "parsed_key2": "value2", "parsed_key3": "value3", "parsed_key4": "defaultValue",
    } });
    assert_eq!(pairs, expected);
}

#[test]
fn grok_as_documented() {
    let found = grok(
        "%{NUMBER:version} %{HOSTNAME:hostname} %{NOTSPACE:status} %{QUOTEDSTRING:logMsg}",
        r#"293750 server-01.internal-network.local OK "[Thread-000] token generated""#,
    );
    let expected = json!({
        "version": "293750", "hostname": "server-01.internal-network.local", "status": "OK",
        "logMsg": "[Thread-000] token generated",
    });
    assert_eq!(found, expected);
    let found = grok(
        "%{HTTPDATE:timestamp} %{IPORHOST:clientip} %{NUMBER:response_status}",
        "23/Nov/2024:10:25:15 -0900 172.16.0.1 200",
    );
    let expected = json!({ "timestamp": "23/Nov/2024:10:25:15 -0900", "clientip": "172.16.0.1", "response_status": "200" });
    assert_eq!(found, expected);
    let found = grok(
        "%{IP:client.ip} %{WORD:method} %{URIPATHPARAM:request.uri} %{NUMBER:response.status} %{NUMBER:response.bytes}",
        "192.168.1.1 GET /index.html?param=value 200 1234",
    );
    let expected = json!({
        "client": { "ip": "192.168.1.1" }, "method": "GET", "request": { "uri": "/index.html?param=value" },
        "response": { "status": "200", "bytes": "1234" },
    });
    assert_eq!(found, expected);
    let found = grok(
        "%{NUMBER:timestamp} [%{NUMBER:db} %{IP:client_ip}:%{NUMBER:client_port}] %{GREEDYDATA:data}",
        r#"1629860738.123456 [0 127.0.0.1:6379] "SET" "key1" "value1""#,
    );
    let expected = json!({
        "timestamp": "1629860738.123456", "db": "0", "client_ip": "127.0.0.1", "client_port": "6379",
        "data": r#""SET" "key1" "value1""#,
    });
    assert_eq!(found, expected);
    let event = json!({ "level": "ERROR", "logMsg": "GET /page.html HTTP/1.1" });
    let pattern = "%{WORD:http_method} %{NOTSPACE:request} HTTP/%{NUMBER:http_version}";
    let found = after_json(&json!({ "grok": { "source": "logMsg", "match": pattern } }), &event);
    let expected = json!({
        "level": "ERROR", "logMsg": "GET /page.html HTTP/1.1",
        "http_method": "GET", "request": "/page.html", "http_version": "1.1",
    });
    assert_eq!(found, expected);
}

/// Patterns, and texts that they are for.
const EXAMPLES: [(&str, &str); 64] = [
    ("USERNAME", "user123.name-TEST"),
    ("INT", "-456"),
    ("BASE10NUM", "-0.67"),
    ("BASE16NUM", "+0xA1B2"),
    ("POSINT", "123"),
    ("NONNEGINT", "007"),
    ("WORD", "user_123"),
    ("NOTSPACE", "hello_world123"),
    ("SPACE", " "),
    ("GREEDYDATA_MULTILINE", "abc\ndef\nghi"),
    ("UUID", "550e8400-e29b-41d4-a716-446655440000"),
    ("URN", "urn:isbn:0451450523"),
    ("ARN", "arn:aws:iam:us-east-1:123456789012:user/johndoe"),
    ("CISCOMAC", "0123.4567.89AB"),
    ("WINDOWSMAC", "01-23-45-67-89-AB"),
    ("COMMONMAC", "01:23:45:67:89:AB"),
    ("MAC", "01:23:45:67:89:AB"),
    ("IPV6", "2001:db8:3333:4444:5555:6666:7777:8888"),
    ("IPV6", "2001:db8::1"),
    ("IPV6", "::ffff:192.168.0.1"),
    ("IPV4", "192.168.0.1"),
    ("IP", "192.168.0.1"),
    ("HOST", "server-01.internal-network.local"),
    ("IPORHOST", "2001:db8:3333:4444:5555:6666:7777:8888"),
    ("UNIXPATH", "/search?q=regex"),
    ("WINPATH", r"C:\Users\John\Documents\file.txt"),
    ("PATH", "/search?q=regex"),
    ("TTY", "/dev/tty1"),
    ("URIPROTO", "web+transformer"),
    ("URIPATH", "/category/sub-category/product_name"),
    ("URIPARAM", "?param1=value1&param2=value2"),
    ("URIPATHPARAM", "/category/sub-category/product?id=12345&color=red"),
    ("URI", "https://user:password@example.com/path/to/resource?param1=value1&param2=value2"),
    ("MONTH", "January"),
    ("MONTHNUM", "05"),
    ("MONTHNUM2", "05"),
    ("MONTHDAY", "31"),
    ("YEAR", "2024"),
    ("DAY", "Tuesday"),
    ("HOUR", "22"),
    ("MINUTE", "59"),
    ("SECOND", "30:5"),
    ("TIME", "09:45:32"),
    ("DATE_US", "1-01-24"),
    ("DATE_EU", "1.01.24"),
    ("ISO8601_TIMEZONE", "-530"),
    ("ISO8601_SECOND", "60"),
    ("TIMESTAMP_ISO8601", "2023-05-15T14:30:00+05:30"),
    ("TIMESTAMP_ISO8601", "23-5-1T1:25+5:30"),
    ("TIMESTAMP_ISO8601", "23-5-1T1:25Z"),
    ("DATE", "29.11.2024"),
    ("DATESTAMP", "29-11-2024 14:30:00"),
    ("TZ", "PDT"),
    ("DATESTAMP_RFC822", "Monday Jan 5 23 1:30:00 CDT"),
    ("DATESTAMP_RFC822", "Mon January 15 2023 14:30:00 PST"),
    ("DATESTAMP_RFC2822", "Mon, 15 May 2023 14:30:00 +0530"),
    ("DATESTAMP_RFC2822", "Monday, 15 Jan 23 14:30:00 Z"),
    ("DATESTAMP_OTHER", "Mon May 15 14:30:00 PST 2023"),
    ("DATESTAMP_EVENTLOG", "20230515143000"),
    ("LOGLEVEL", "INFO"),
    ("HTTPDATE", "23/Nov/2024:14:30:00 +0640"),
    ("SYSLOGTIMESTAMP", "Nov 29 14:30:00"),
    ("PROG", "user.profile/settings-page"),
    ("SYSLOGHOST", "2001:db8:3333:4444:5555:6666:7777:8888"),
];

#[test]
fn grok_patterns_as_documented() {
    for (pattern, text) in EXAMPLES {
        assert_eq!(grok(&format!("%{{{pattern}:x}}"), text), json!({ "x": text }), "{pattern}");
    }
    assert_eq!(grok("%{DATA:x} %{DATA:y}", "abc def ghi"), json!({ "x": "abc", "y": "def ghi" }));
    assert_eq!(grok("%{GREEDYDATA:x} %{GREEDYDATA:y}", "abc def ghi"), json!({ "x": "abc def", "y": "ghi" }));
    assert_eq!(
        grok("%{HOSTPORT:ip}", "192.168.1.1:8080"),
        json!({ "ip": "192.168.1.1:8080", "PORT": "8080" })
    );
    let hosts = grok("%{URIHOST:host} %{URIHOST:ip}", "example.com:443 10.0.0.1");
    assert_eq!(hosts, json!({ "host": "example.com:443", "port": "443", "ip": "10.0.0.1" }));
    let program = grok("%{SYSLOGPROG:programWithId}", "user.profile/settings-page[1234]");
    let expected = json!({
        "programWithId": "user.profile/settings-page[1234]", "program": "user.profile/settings-page", "pid": "1234",
    });
    assert_eq!(program, expected);
    let facility = grok("%{SYSLOGFACILITY:syslog}", "<13.6>");
    assert_eq!(facility, json!({ "syslog": "<13.6>", "facility": "13", "priority": "6" }));
    assert!(grok("%{INT:x}", "no number").is_string());
}

#[test]
fn common_formats_as_documented() {
    let line = r#"127.0.0.1 - - [03/Aug/2023:12:34:56 +0000] "GET /page.html HTTP/1.1" 200 1234"#;
    let apache = json!({
        "request": "/page.html", "http_method": "GET", "status_code": 200, "http_version": "1.1",
        "response_size": 1234, "remote_host": "127.0.0.1", "timestamp": "2023-08-03T12:34:56Z",
    });
    assert_eq!(grok("%{APACHE_ACCESS_LOG}", line), apache);
    let line = r#"192.168.1.100 - Foo [03/Aug/2023:12:34:56 +0000] "GET /account/login.html HTTP/1.1" 200 42 "https://www.amazon.com/" "Mozilla/5.0 (X11)""#;
    let nginx = json!({
        "request": "/account/login.html", "referrer": "https://www.amazon.com/", "agent": "Mozilla/5.0 (X11)",
        "http_method": "GET", "status_code": 200, "auth_user": "Foo", "http_version": "1.1", "response_size": 42,
        "remote_host": "192.168.1.100", "timestamp": "2023-08-03T12:34:56Z",
    });
    assert_eq!(grok("%{NGINX_ACCESS_LOG}", line), nginx);
    let line = r#"<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3" eventSource= "Application" eventID="1011"][examplePriority@32473 class="high"]"#;
    let syslog = json!({
        "pri": 165, "version": 1, "timestamp": "2003-10-11T22:14:15.003Z", "hostname": "mymachine.example.com",
        "app": "evntslog", "msg_id": "ID47",
        "structured_data": r#"exampleSDID@32473 iut="3" eventSource= "Application" eventID="1011""#,
        "message": r#"[examplePriority@32473 class="high"]"#,
    });
    assert_eq!(grok("%{SYSLOG5424}", line), syslog);
}

#[test]
fn vended_logs_as_documented() {
    let vpc = transform(
        &json!([{ "parseVPC": {} }]),
        "2 123456789010 eni-abc123de 192.0.2.0 192.0.2.24 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK",
    );
    let expected = json!({
        "version": 2, "accountId": "123456789010", "interfaceId": "eni-abc123de", "srcAddr": "192.0.2.0",
        "dstAddr": "192.0.2.24", "srcPort": 20641, "dstPort": 22, "protocol": 6, "packets": 20, "bytes": 4249,
        "start": 1_418_530_010, "end": 1_418_530_070, "action": "ACCEPT", "logStatus": "OK",
    });
    assert_eq!(vpc, expected);
    let route53 = transform(
        &json!([{ "parseRoute53": {} }]),
        "1.0 2017-12-13T08:15:50.235Z Z123412341234 example.com AAAA NOERROR TCP IAD12 192.0.2.0 198.51.100.0/24",
    );
    let expected = json!({
        "version": 1.0, "queryTimestamp": "2017-12-13T08:15:50.235Z", "hostZoneId": "Z123412341234",
        "queryName": "example.com", "queryType": "AAAA", "responseCode": "NOERROR", "protocol": "TCP",
        "edgeLocation": "IAD12", "resolverIp": "192.0.2.0", "ednsClientSubnet": "198.51.100.0/24",
    });
    assert_eq!(route53, expected);
    let postgres = transform(
        &json!([{ "parsePostgres": {} }]),
        "2019-03-10 03:54:59 UTC:10.0.0.123(52834):postgres@logtestdb:[20175]:ERROR: column \"wrong_column_name\" does not exist at character 8",
    );
    let expected = json!({
        "logTime": "2019-03-10 03:54:59 UTC", "srcIp": "10.0.0.123(52834)", "userName": "postgres",
        "dbName": "logtestdb", "processId": "20175", "logLevel": "ERROR",
    });
    assert_eq!(postgres, expected);
    let event = json!({
        "timestamp": 1_576_280_412_771_i64, "action": "BLOCK",
        "httpRequest": { "clientIp": "1.1.1.1", "headers": [
            { "name": "Host", "value": "localhost:1989" }, { "name": "User-Agent", "value": "curl/7.61.1" },
        ] },
        "labels": [{ "name": "value" }],
    });
    let waf = transform(&json!([{ "parseWAF": {} }]), &event.to_string());
    let expected = json!({
        "timestamp": 1_576_280_412_771_i64, "action": "BLOCK",
        "httpRequest": {
            "clientIp": "1.1.1.1", "headers": { "Host": "localhost:1989", "User-Agent": "curl/7.61.1" },
        },
        "labels": { "name": "value" },
    });
    assert_eq!(waf, expected);
    let line = "2019-12-04  21:02:31   LAX1   392    192.0.2.24    GET    d111111abcdef8.cloudfront.net  /index.html    200    -  Mozilla/5.0%20(Windows%20NT%2010.0)  -  -  Hit    SOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZmBNrjGdRLiNIQ==   d111111abcdef8.cloudfront.net  https  23 0.001  -  TLSv1.2    ECDHE-RSA-AES128-GCM-SHA256    Hit    HTTP/2.0   -  -  11040  0.001  Hit    text/html  78 -  -";
    let cloudfront = transform(&json!([{ "parseCloudfront": {} }]), line);
    for (name, value) in [
        ("date", json!("2019-12-04")),
        ("sc-bytes", json!(392)),
        ("cs(Host)", json!("d111111abcdef8.cloudfront.net")),
        ("sc-status", json!(200)),
        ("cs(User-Agent)", json!("Mozilla/5.0 (Windows NT 10.0)")),
        ("time-taken", json!(0.001)),
        ("c-ip", json!("192.0.2.24")),
        ("c-port", json!(11040)),
        ("sc-range-end", json!("-")),
    ] {
        assert_eq!(cloudfront[name], value, "{name}");
    }
}

#[test]
fn strings_as_documented() {
    let with = |text: &str| json!({ "outer_key": { "inner_key": text } });
    let keys = json!({ "withKeys": ["outer_key.inner_key"] });
    assert_eq!(after_json(&json!({ "lowerCaseString": keys }), &with("INNER_VALUE")), with("inner_value"));
    assert_eq!(after_json(&json!({ "upperCaseString": keys }), &with("inner_value")), with("INNER_VALUE"));
    assert_eq!(after_json(&json!({ "trimString": keys }), &with("   inner_value  ")), with("inner_value"));
    let split = |delimiter: &str| json!({ "splitString": { "entries": [{ "source": "outer_key.inner_key", "delimiter": delimiter }] } });
    let list = json!({ "outer_key": { "inner_key": ["item1", "item2", "item3"] } });
    assert_eq!(after_json(&split(", "), &with("item1, item2, item3")), list);
    let substitute = json!({ "substituteString": { "entries": [
        { "source": "inner_key1", "from": r"\[\]", "to": "value1" },
        { "source": "inner_key2", "from": "[0-9]{3}-[0-9]{3}-[0-9]{3}", "to": "xxx-xxx-xxx" },
        { "source": "inner_key3", "from": "cat", "to": "dog" },
        { "source": "inner_key4", "from": r"(\w+), (\w+), and (\w+)", "to": "$1 and $3" },
        {
            "source": "inner_key5",
            "from": r"^arn:aws:sts::(?P<id>\d{12}):assumed-role/(?P<role>[\w+=,.@-]+)/(?P<name>[\w+=,.@-]+)$",
            "to": "${id}:${role}:${name}",
        },
    ] } });
    let event = json!({
        "inner_key1": "[]", "inner_key2": "123-345-567", "inner_key3": "A cat takes a catnap.",
        "inner_key4": "Tom, Dick, and Harry",
        "inner_key5": "arn:aws:sts::123456789012:assumed-role/MyImportantRole/MySession",
    });
    let expected = json!({
        "inner_key1": "value1", "inner_key2": "xxx-xxx-xxx", "inner_key3": "A dog takes a dognap.",
        "inner_key4": "Tom and Harry", "inner_key5": "123456789012:MyImportantRole:MySession",
    });
    assert_eq!(after_json(&substitute, &event), expected);
}

#[test]
fn keys_as_documented() {
    let event = json!({ "outer_key": { "inner_key": "inner_value" } });
    let add = json!({ "addKeys": { "entries": [{ "key": "outer_key.new_key", "value": "new_value" }] } });
    let expected = json!({ "outer_key": { "inner_key": "inner_value", "new_key": "new_value" } });
    assert_eq!(after_json(&add, &event), expected);
    let delete = json!({ "deleteKeys": { "withKeys": ["outer_key.inner_key"] } });
    assert_eq!(after_json(&delete, &event), json!({ "outer_key": {} }));
    let rename = json!({ "renameKeys": { "entries": [{ "key": "outer_key", "renameTo": "new_key" }] } });
    assert_eq!(after_json(&rename, &event), json!({ "new_key": { "inner_key": "inner_value" } }));
    let two = json!({ "outer_key1": { "inner_key1": "inner_value1" }, "outer_key2": { "inner_key2": "inner_value2" } });
    let shift =
        json!({ "moveKeys": { "entries": [{ "source": "outer_key1.inner_key1", "target": "outer_key2" }] } });
    let expected = json!({ "outer_key1": {}, "outer_key2": { "inner_key2": "inner_value2", "inner_key1": "inner_value1" } });
    assert_eq!(after_json(&shift, &two), expected);
    let copy = json!({ "copyValue": { "entries": [
        { "source": "outer_key.inner_key", "target": "new_key" },
        { "source": "@logGroupName", "target": "log_group_name" },
        { "source": "@logGroupStream", "target": "log_group_stream" },
        { "source": "@accountId", "target": "account_id" },
        { "source": "@regionName", "target": "region_name" },
    ] } });
    let expected = json!({
        "outer_key": { "inner_key": "inner_value" }, "new_key": "inner_value", "log_group_name": "myLogGroupName",
        "log_group_stream": "myLogStreamName", "account_id": "012345678912", "region_name": "us-east-1",
    });
    assert_eq!(after_json(&copy, &event), expected);
}

#[test]
fn lists_become_maps_as_documented() {
    let list = json!([
        { "inner_key": "a", "inner_value": "val-a" }, { "inner_key": "b", "inner_value": "val-b1" },
        { "inner_key": "b", "inner_value": "val-b2" }, { "inner_key": "c", "inner_value": "val-c" },
    ]);
    let of = |flatten: bool, element: &str| {
        let mut settings = json!({
            "source": "outer_key", "key": "inner_key", "valueKey": "inner_value", "flatten": flatten,
        });
        if flatten {
            settings["flattenedElement"] = element.into();
        }
        after_json(&json!({ "listToMap": settings }), &json!({ "outer_key": list }))
    };
    let all = json!({ "outer_key": list, "a": ["val-a"], "b": ["val-b1", "val-b2"], "c": ["val-c"] });
    assert_eq!(of(false, ""), all);
    assert_eq!(of(true, "first"), json!({ "outer_key": list, "a": "val-a", "b": "val-b1", "c": "val-c" }));
    assert_eq!(of(true, "last"), json!({ "outer_key": list, "a": "val-a", "b": "val-b2", "c": "val-c" }));
}

#[test]
fn types_and_dates() {
    let convert = json!({ "typeConverter": { "entries": [{ "key": "status", "type": "integer" }] } });
    let event = json!({ "name": "value", "status": "200" });
    assert_eq!(after_json(&convert, &event), json!({ "name": "value", "status": 200 }));
    assert!(after_json(&convert, &json!({ "status": "many" })).is_string());
    let date = |settings: Value, text: &str| {
        let mut settings = settings;
        settings["source"] = "at".into();
        settings["target"] = "to".into();
        after_json(&json!({ "dateTimeConverter": settings }), &json!({ "at": text }))["to"].clone()
    };
    // The pattern and zones of AWS's example, whose date is German.
    let zones = json!({
        "locale": "en", "matchPatterns": ["yyyy-MM-dd", "EEEE dd. MMMM yyyy HH:mm:ss"],
        "sourceTimezone": "Europe/Berlin", "targetTimezone": "America/New_York",
        "targetFormat": "yyyy-MM-dd'T'HH:mm:ss z",
    });
    assert_eq!(date(zones, "Saturday 05. December 1998 11:00:00"), "1998-12-05T05:00:00 EST");
    let patterns = json!({ "matchPatterns": ["dd/MMM/yyyy:HH:mm:ss Z", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "M/d/yy h:mm a"] });
    assert_eq!(date(patterns.clone(), "03/Aug/2023:12:34:56 +0200"), "2023-08-03T10:34:56.000Z");
    assert_eq!(date(patterns.clone(), "2023-08-03T12:34:56.789-01:00"), "2023-08-03T13:34:56.789Z");
    assert_eq!(date(patterns.clone(), "8/3/23 1:05 PM"), "2023-08-03T13:05:00.000Z");
    assert_eq!(date(patterns, "yesterday"), Value::Null);
}

#[test]
fn what_aws_does_not_take_is_refused() {
    let json = json!({ "parseJSON": {} });
    let grok = |pattern: &str| json!([{ "grok": { "match": pattern } }]);
    let date = |pattern: &str| json!([json, { "dateTimeConverter": { "source": "a", "target": "b", "matchPatterns": [pattern] } }]);
    for config in [
        json!([]),
        json!([{}]),
        json!([{ "trimString": { "withKeys": ["a"] } }]),
        json!([json, { "parseVPC": {} }]),
        json!([{ "parseVPC": {} }, { "parseWAF": {} }]),
        json!([json, json, json, json, json, json]),
        json!(vec![json!({ "deleteKeys": { "withKeys": ["a"] } }); 21]),
        json!([{ "parseJSON": { "source": "inner" } }]),
        json!([{ "parseVPC": { "source": "inner" } }]),
        json!([{ "parseJSON": {}, "parseVPC": {} }]),
        json!([json, { "deleteKeys": { "withKeys": ["a.b.c.d"] } }]),
        json!([json, { "deleteKeys": { "withKeys": ["a", "b", "c", "d", "e", "f"] } }]),
        json!([json, { "addKeys": { "entries": [{ "key": "a", "value": "b" }] } }, { "addKeys": { "entries": [{ "key": "c", "value": "d" }] } }]),
        json!([json, { "listToMap": { "source": "a", "key": "b", "flatten": true } }]),
        json!([json, { "substituteString": { "entries": [{ "source": "a", "from": "(", "to": "b" }] } }]),
        json!([json, { "substituteString": { "entries": [{ "source": "a", "from": "(a)", "to": "$2" }] } }]),
        grok("%{NOTHING:x}"),
        grok("%{INT:x:int}"),
        grok("no pattern"),
        grok(r"%{INT:x}\s%{INT:y}"),
        grok("%{DATA} %{DATA} %{DATA} %{GREEDYDATA} %{SPACE} %{DATA}"),
        grok("%{GREEDYDATA_MULTILINE} %{GREEDYDATA_MULTILINE}"),
        grok("%{APACHE_ACCESS_LOG} %{SYSLOG5424}"),
        grok("%{NGINX_ACCESS_LOG} %{NUMBER:num}"),
        grok("%{GREEDYDATA:logMsg} %{SYSLOG5424}"),
        date("yyyy-MM"),
        date("YYYY-MM-dd"),
        date("yyyy-MM-dd[ HH:mm]"),
    ] {
        let refused = refused(&config);
        assert!(refused.starts_with("InvalidParameterException: "), "{config}: {refused}");
    }
    for pattern in [
        "%{NGINX_ACCESS_LOG} %{DATA}",
        "%{SYSLOG5424}%{DATA:logMsg}",
        "%{APACHE_ACCESS_LOG} %{GREEDYDATA:logMsg}",
    ] {
        Transformer::new(&read(&grok(pattern).to_string()).unwrap()).unwrap();
    }
    assert!(
        refused(&json!([{ "parseToOCSF": { "eventSource": "VPCFlow", "ocsfVersion": "V1.1" } }]))
            .starts_with("NotImplemented")
    );
}
