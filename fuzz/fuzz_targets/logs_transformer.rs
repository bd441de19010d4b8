//! Queries of Logs Insights: no text may make the parser or the engine panic or go too deep.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    service_logs::fuzz::transformer(text);
});
