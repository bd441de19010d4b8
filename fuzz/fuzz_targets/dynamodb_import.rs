//! Files that DynamoDB imports: no bytes may make a parser panic or go too deep.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    service_dynamodb::fuzz::import(bytes);
});
