//! Grok expressions, patterns of dates and replacements of transformers: no text may make them panic or go too deep.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    service_logs::fuzz::transformer(text);
});
