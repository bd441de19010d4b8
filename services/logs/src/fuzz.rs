//! Entries for fuzzers: the parsers of filter patterns and of Insights' queries, for one text.

use std::cell::OnceCell;

use serde_json::json;

use crate::event::Place;
use crate::insights::{self, Source};
use crate::pattern::Pattern;
use crate::transformer::{self, Origin, Transformer};

/// Messages that whatever is parsed is tried on.
const MESSAGES: [&str; 4] = [
    "",
    "127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] \"GET /index.html\" 404 1534",
    "{\"a\": {\"b\": [1, \"x\", null, true]}, \"é\": -1.5e3}",
    "REPORT RequestId: r\tDuration: 1.5 ms\tMemory Size: 128 MB",
];

/// Parses a text as a filter pattern and matches with it; answers whether it is one.
pub fn pattern(text: &str) -> bool {
    let Ok(pattern) = Pattern::parse(text) else { return false };
    for message in MESSAGES {
        if pattern.matches(message) {
            pattern.extract(message);
            pattern.select(message, "$.a.b[*]");
        }
    }
    true
}

/// Parses a text as a query and runs it; answers whether it is one.
pub fn query(text: &str) -> bool {
    let Ok(query) = insights::parse(text) else { return false };
    let events = (1..).zip(MESSAGES).map(|(number, message)| {
        Ok(Source {
            account: "000000000000".to_owned(),
            group: "/aws/lambda/f".to_owned(),
            stream: "s".to_owned(),
            place: Place { time: 1_767_355_200_000, number },
            ingested: 1_767_355_200_000,
            message: message.to_owned(),
            unmasked: None,
            transformed: None,
            json: OnceCell::new(),
        })
    });
    insights::run(&query, events, 10).is_ok()
}

/// Takes a text as a grok expression, a pattern of dates and a replacement; answers whether it is one of them.
pub fn transformer(text: &str) -> bool {
    let configs = [
        json!([{ "grok": { "match": text } }]),
        json!([{ "csv": {} }, { "dateTimeConverter": { "source": "column_1", "target": "b", "matchPatterns": [text] } }]),
        json!([{ "csv": {} }, { "dateTimeConverter": {
            "source": "column_1", "target": "b", "matchPatterns": ["yyyy-MM-ddXXXz"], "targetFormat": text,
        } }]),
        json!([{ "csv": {} }, { "substituteString": { "entries": [{ "source": "column_1", "from": "(4)", "to": text }] } }]),
    ];
    let tried = configs.map(|config| {
        let read = transformer::read(&config.to_string()).and_then(|config| Transformer::new(&config));
        let Ok(transformer) = read else { return false };
        for message in MESSAGES.into_iter().chain(["2024-02-29+01:00UTC", text]) {
            transformer.apply(message, &Origin::default());
        }
        true
    });
    tried.contains(&true)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;
    use testkit::{mutated, nested};

    use super::*;

    const PATTERNS: [&str; 5] = [
        "?ERROR -\"a b\" %[0-9]+% WARN",
        "{ ($.a.b[0] = 1 || $[\"a\"].b[*] != \"x*\") && $.é IS NULL && $.c NOT EXISTS }",
        "[ip, user, ..., request = *.html* && request != %x%, status = 4* || status >= 500, bytes]",
        "{ $.a = %x.*y% }",
        "[]",
    ];

    const QUERIES: [&str; 7] = [
        "fields @timestamp, @message as m | filter @message like /a\\/b/ and not (a.b.0 = 1 or c in [1, \"x\"]) | sort @timestamp desc | limit 5",
        "stats count(*) as n, avg(@duration), pct(a, 99) / 2 by bin(5m), datefloor(@timestamp, 1mo) | sort n desc",
        "parse @message \"* - * [*\" as ip, user, rest | display ip, concat(user, 'é') as x | dedup ip",
        "parse /(?<first>\\w+) (?<second>\\w+)/ | filter strlen(first) > 2 ^ 2 # a comment",
        "filter `a-b` != -1 | stats earliest(a), sortsLast(b), count_distinct(c) by d | limit 10",
        "fields jsonParse(@message) as j | filter j.a.b[1] = 'x' and j.`é` < 0 | stats count() by j.a | sort j.a",
        "fields abs(a) % 2, substr(@message, 1, 2), isIpv4InSubnet(a, '10.0.0.0/8')",
    ];

    const TRANSFORMERS: [&str; 4] = [
        "%{IPORHOST:a.b} - [%{HTTPDATE:at}] \"%{WORD:verb} %{GREEDYDATA:rest}",
        "%{SYSLOG5424} %{DATA:more}",
        "EEE, dd MMMM yyyy''T'HH:mm:ss.SSSSSS a zZXXX",
        "$1 and \\$ and $1x",
    ];

    /// What is put into texts.
    const PUT: &str = "[ -~]{0,3}|[(\\[{%/'\"é]{1,20}";

    #[test]
    fn whole_texts_are_accepted() {
        for text in PATTERNS {
            assert!(pattern(text), "{text}");
        }
        for text in QUERIES {
            assert!(query(text), "{text}");
        }
        for text in TRANSFORMERS {
            assert!(transformer(text), "{text}");
        }
    }

    #[test]
    fn no_parser_goes_too_deep() {
        for count in [100, 1_000, 10_000] {
            for (open, close) in
                [("(", ")"), ("abs(", ")"), ("-", ""), ("1 in [", "]"), ("1 + ", ""), ("a or ", "")]
            {
                assert!(!query(&format!("filter {}", nested(open, close, count * 6))));
                assert!(!query(&format!("stats sum(a) + {}", nested(open, close, count * 6))));
            }
            query(&format!("filter {}", nested("not ", "", count)));
            assert!(!pattern(&format!("{{ {}$.a = 1{} }}", "(".repeat(count), ")".repeat(count))));
            assert!(!pattern(&format!("[{}a = 1{}]", "(".repeat(count), ")".repeat(count))));
            pattern(&format!("{{ {}$.a = 1 }}", "$.a = 1 && $.b = 2 || ".repeat(count)));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 2_000,
            failure_persistence: None,
            rng_seed: RngSeed::Fixed(1),
            ..ProptestConfig::default()
        })]

        #[test]
        fn patterns_of_any_kind_are_answered(text in mutated(&PATTERNS, PUT)) {
            pattern(&text);
        }

        #[test]
        fn queries_of_any_kind_are_answered(text in mutated(&QUERIES, PUT)) {
            query(&text);
        }

        #[test]
        fn transformers_of_any_kind_are_answered(text in mutated(&TRANSFORMERS, PUT)) {
            transformer(&text);
        }

        #[test]
        fn texts_of_any_kind_are_answered(text in "\\PC{0,40}") {
            pattern(&text);
            query(&text);
            query(&format!("filter {text}"));
        }
    }
}
