//! Filter patterns of CloudWatch Logs: no text may make the parser panic or go too deep.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    service_logs::fuzz::pattern(text);
});
